import { createAppHandler, type PlatformEvent, type PlatformHandler } from './platform.ts';

/** The app as Zapier runs it: an event at a time, through the platform's own handler. */
export interface App {
  /** @throws {AppCallError} what the app raised. */
  call: (event: PlatformEvent) => Promise<unknown>;
  /** What the app and the platform have logged so far, oldest first. */
  logs: readonly string[];
  stop: () => Promise<void>;
}

/** An error that the app raised, by the name that Zapier knows it by. */
export class AppCallError extends Error {
  override readonly name: string;

  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** What came of an event, as it travels from process to process. */
export interface AppAnswer {
  results?: unknown;
  error?: { name: string; message: string };
  logs: string[];
}

/** Has the platform's handler answer an event. Never fails. */
export async function answerOf(handler: PlatformHandler, event: PlatformEvent): Promise<AppAnswer> {
  const logs: string[] = [];
  const customLogger = (message: string): void => {
    logs.push(message.trim());
  };
  try {
    const { results } = await handler({ ...event, customLogger, calledFromCli: true });
    return { results, logs };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return { error: { name, message }, logs };
  }
}

/** Makes an app of a way to have events answered. */
export function appFrom(
  answer: (event: PlatformEvent) => Promise<AppAnswer>,
  stop: App['stop'],
): App {
  const logs: string[] = [];
  return {
    logs,
    stop,
    call: async (event) => {
      const { results, error, logs: logged } = await answer(event);
      logs.push(...logged);
      if (error) throw new AppCallError(error.name, error.message);
      return results;
    },
  };
}

/** Runs an app in this process, which it is given and gives nothing but JSON, as on Zapier. */
export function appInProcess(definition: unknown): App {
  const handler = createAppHandler(definition);
  return appFrom(
    async (event) => asJson(await answerOf(handler, asJson(event))),
    () => Promise.resolve(),
  );
}

function asJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
