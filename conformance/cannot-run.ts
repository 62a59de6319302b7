/** The walk cannot go on, or not even begin; the message says why in one sentence. */
export class CannotRun extends Error {}
