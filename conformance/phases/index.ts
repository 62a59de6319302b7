import type { Phase } from '../phase.ts';
import { ACCOUNT } from './account.ts';
import { ANSWERS } from './answers.ts';
import { DELIVERIES } from './deliveries.ts';
import { LIST_PHASES } from './lists.ts';
import { OAUTH } from './oauth.ts';
import { SUBSCRIPTION } from './subscription.ts';
import { WRITES } from './writes.ts';

/**
 * All parts of a walk, in their order: what a person has to do comes first, and what is written comes
 * before the lists, which then are not empty.
 */
export const PHASES: readonly Phase[] = [
  ACCOUNT,
  OAUTH,
  SUBSCRIPTION,
  DELIVERIES,
  WRITES,
  ...LIST_PHASES,
  ANSWERS,
];
