/** Which engine a test of `test/engines` runs in, and what the table says of it. */
import { inject } from 'vitest';
import type { Answer, FactName } from './engine-facts.mjs';
import { FACTS } from './engine-facts.mjs';

/** Its name. */
export const engine = inject('engine');

/** What it does, by the table, which `facts.test.ts` holds it to. */
export const answer = (name: FactName): Answer => FACTS[name].answers[engine];

/** Whether it does so. */
export const does = (name: FactName): boolean => answer(name) === true;
