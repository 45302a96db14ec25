/** Promise of a later task, scheduled by a message, because tests replace timers and browsers throttle them in hidden tabs. */
import { inNextTask } from '../base/next-task.ts';

/** Resolves in a later task, after all microtasks of this one. */
export const nextTask = (): Promise<void> => new Promise(inNextTask);
