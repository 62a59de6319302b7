import type { AppOnAnswers } from './app-on-answers.ts';
import type { AttroClient } from './attro-client.ts';
import type { Endpoints } from './endpoints.ts';
import type { Hook } from './hook.ts';
import type { Need } from './row.ts';
import type { Secrets } from './secrets.ts';
import type { Settings } from './settings.ts';
import type { SignIn } from './sign-in.ts';

/** What all parts of a walk work with. */
export interface Walk {
  settings: Settings;
  attro: AttroClient;
  app: AppOnAnswers;
  endpoints: Endpoints;
  secrets: Secrets;
  /** Where deliveries arrive, if they can. */
  hook?: Hook;
  /** Where a person signs in, if one is to. */
  signIn?: SignIn;
  signal: AbortSignal;
  /** Whether what a row needs was given. */
  has: (need: Need) => boolean;
  /** Told when a part begins. */
  onPhase: (title: string) => void;
  /** Says something to the person who runs it, beside the result. */
  say: (text: string) => void;
  /** What earlier parts have learnt. */
  known: Known;
}

export interface Known {
  /** Whether the token was accepted at least once. */
  isAccepted: boolean;
  /** Whether a conversion that was recorded has come back with its amount in the main unit. */
  isMainUnit?: boolean;
}
