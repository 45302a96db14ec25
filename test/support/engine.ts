/** The engine that a test of `test/engines` runs in, and its answers in the table of facts. */
import { inject } from 'vitest';
import type { Answer, FactName } from './engine-facts.mjs';
import { FACTS } from './engine-facts.mjs';

/** The engine's name. */
export const engine = inject('engine');

/** The engine's answer in the table. `facts.test.ts` verifies the table. */
export const answer = (name: FactName): Answer => FACTS[name].answers[engine];

/** Whether the answer is true. */
export const does = (name: FactName): boolean => answer(name) === true;
