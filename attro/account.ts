import type { Bundle, ZObject } from 'zapier-platform-core';
import * as zod from 'zod/mini';
import { attroRequest } from './client.ts';
import { PATHS } from './contract.ts';
import { unreadableAnswer } from './errors.ts';
import { toRecord } from './values.ts';

const text = zod.string().check(zod.minLength(1));
const id = zod.union([text, zod.number()]);

/** `GET /api/v1/me`, also inside `{ "data": … }`. Everything but the id may be missing. */
const meSchema = zod.object({
  id,
  email: zod.nullish(zod.string()),
  name: zod.nullish(zod.string()),
  organization: zod.nullish(zod.object({ id: zod.nullish(id), name: zod.nullish(zod.string()) })),
});

/** Who is connected, flat, as the connection's label needs it. */
export interface Account {
  id: string;
  email: string | null;
  name: string | null;
  organization_name: string | null;
  /** What a connection's records belong to: its organization, or the user where there is none. */
  account_id: string;
}

/** Asks Attro who is connected. */
export async function fetchAccount(z: ZObject, bundle: Pick<Bundle, 'authData'>): Promise<Account> {
  const purpose = { doing: 'check your connection' };
  const response = await attroRequest(z, bundle, { method: 'GET', path: PATHS.me, ...purpose });
  const me = meSchema.safeParse(toRecord(response.data));
  if (!me.success) throw unreadableAnswer(z, purpose);
  const { id, email, name, organization } = me.data;
  return {
    id: String(id),
    email: email ?? null,
    name: name ?? null,
    organization_name: organization?.name ?? null,
    account_id: String(organization?.id ?? id),
  };
}
