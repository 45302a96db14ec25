/** Every line of the table of engines, asked of the engine that this runs in. */
import { expect, inject, test } from 'vitest';
import type { FactName } from '../support/engine-facts.mjs';
import { FACTS, VERSIONS } from '../support/engine-facts.mjs';
import { PROBES } from '../support/engine-probes.ts';

const engine = inject('engine');

// The names of an object are strings to TypeScript.
const NAMES = Object.keys(FACTS) as FactName[];

test.each(NAMES)('%s', async (name) => {
  const { says, answers } = FACTS[name];
  expect(await PROBES[name](), `${VERSIONS[engine]}: ${says}`).toBe(answers[engine]);
});
