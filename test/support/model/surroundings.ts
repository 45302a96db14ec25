/** What programs run in: a collector that they play, errors that are reported, warnings. */
import { vi } from 'vitest';
import { FakeRegistry, takeRegistries } from '../fake-registry.ts';

/** What listeners throw, and nobody else. */
export const THROWN = 'a listener threw';

export interface Surroundings {
  /** What was thrown where nobody catches it. */
  readonly reported: unknown[];
  readonly warnings: unknown[];
}

const STACK_TRACE_LIMIT = Error.stackTraceLimit;

/** Ends what `surround()` began. */
export function unsurround(): void {
  Error.stackTraceLimit = STACK_TRACE_LIMIT;
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
}

/** Until `unsurround()`. */
export function surround(hasStacks: boolean): Surroundings {
  const surroundings: Surroundings = { reported: [], warnings: [] };
  takeRegistries();
  // Most of a program's time would go into the stacks of errors that it expects.
  if (!hasStacks) Error.stackTraceLimit = 0;
  vi.stubGlobal('FinalizationRegistry', FakeRegistry);
  vi.stubGlobal('reportError', (error: unknown) => {
    if (!(error instanceof Error && error.message === THROWN)) surroundings.reported.push(error);
  });
  vi.spyOn(console, 'warn').mockImplementation((...words) => void surroundings.warnings.push(words));
  return surroundings;
}
