import * as core from 'zapier-platform-core';

/** An event of the platform's handler, as far as it is used here. */
export interface PlatformEvent {
  command: 'execute' | 'validate' | 'definition';
  method?: string;
  bundle?: Record<string, unknown>;
  /** Becomes the environment of the app for the call. */
  environment?: Record<string, string>;
  /** What Zapier's cache holds, in the platform's own mock of it. */
  zcacheTestObj?: Record<string, unknown>;
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
