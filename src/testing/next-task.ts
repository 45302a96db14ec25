/** A later task, by a message: tests replace timers, and browsers slow them down in hidden tabs. */
import { inNextTask } from '../next-task.ts';

/** Resolves in a later task, after all microtasks of this one. */
export const nextTask = (): Promise<void> => new Promise(inNextTask);
