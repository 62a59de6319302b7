import * as core from 'zapier-platform-core';

/** An event of the platform's handler, as far as it is used here. */
export interface PlatformEvent {
  command: 'execute' | 'validate' | 'definition';
  method?: string;
  bundle?: Record<string, unknown>;
  /** Becomes the environment of the app for the call. */
  environment?: Record<string, string>;
  /** Where calls of the cache go; see `cache-rpc.ts`. */
  rpc_base?: string;
  storeKey?: string;
  /** Names the caller to the server of the cache. */
  token?: string;
  /** Called with everything that is logged, after the platform has hidden the secrets it knows. */
  customLogger?: (message: string, data: Record<string, unknown>) => void;
  calledFromCli?: boolean;
}

/** What Zapier runs for every event. */
export type PlatformHandler = (event: PlatformEvent) => Promise<{ results: unknown }>;

/** The platform's own way to make a handler of an app; its types leave this function out. */
export const createAppHandler = (
  core as unknown as { createAppHandler: (app: unknown) => PlatformHandler }
).createAppHandler;
