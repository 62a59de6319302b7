/** A page of a list; `next_cursor` is null on the last one. */
export interface Page<Item> {
  data: Item[];
  next_cursor: string | null;
}

/** A list's query, already validated and typed by the OpenAPI description. */
export type ListQuery = Readonly<Record<string, string | number | undefined>>;

/** The most items of a page whose query names none: the default of the description. */
const DEFAULT_LIMIT = 50;

/** A cursor names the item that ended the page, so that new ones do not shift the next one. */
function cursorAfter(id: string): string {
  return Buffer.from(id).toString('base64url');
}

/** What can be listed. */
export interface Listed<Item extends { id: string }> {
  find(id: string): Item | undefined;
  /** Those that match the query; after one of them, where its id is given. */
  newestFirst(afterId?: string): Iterable<Item>;
}

/** The page that a query asks for. @returns undefined when the cursor is none that this list gave. */
export function pageOf<Item extends { id: string }>(
  listed: Listed<Item>,
  { cursor, limit }: ListQuery,
): Page<Item> | undefined {
  const afterId =
    cursor === undefined ? undefined : Buffer.from(String(cursor), 'base64url').toString();
  if (afterId !== undefined && !listed.find(afterId)) return undefined;
  const size = typeof limit === 'number' ? limit : DEFAULT_LIMIT;
  const data: Item[] = [];
  for (const item of listed.newestFirst(afterId)) {
    const last = data.at(-1);
    if (last && data.length === size) return { data, next_cursor: cursorAfter(last.id) };
    data.push(item);
  }
  return { data, next_cursor: null };
}
