/** Every line of the table of engines, checked in the engine that this runs in. */
import { expect, test } from 'vitest';
import type { FactName } from '../support/engine-facts.mjs';
import { FACTS, VERSIONS } from '../support/engine-facts.mjs';
import { PROBES } from '../support/engine-probes.ts';
import { answer, engine } from '../support/engine.ts';

// The names of an object are strings to TypeScript.
const NAMES = Object.keys(FACTS) as FactName[];

test.each(NAMES)('%s', async (name) => {
  expect(await PROBES[name](), `${VERSIONS[engine]}: ${FACTS[name].feature}`).toBe(answer(name));
});
