/** After every browser test: frames opened equal frames closed. Loaded before each test file. */
import { afterEach, beforeEach, expect } from 'vitest';
import { frameAccount } from './frame-account.ts';

const account = frameAccount();

/** How many pictures are open now: a frame and its clones are one. */
export function livePictures(): number {
  account.stillOpen();
  return account.live;
}

/** The most pictures that were open at one time since this was last called. */
export function takePeak(): number {
  const was = account.peak;
  account.peak = account.live;
  return was;
}

/** For tests of the net: frames that this test drops may be collected rather than closed. */
export function allowCollection(): void {
  account.collectionAllowed = true;
}

/** What forces a collection: Chromium's own function, by a flag, or Firefox's, by a preference; null where nothing does. */
export function collector(): (() => unknown) | null {
  const { gc, TestUtils } = globalThis as { gc?: () => void; TestUtils?: { gc(): Promise<void> } };
  if (gc !== undefined) return gc;
  return TestUtils === undefined ? null : () => TestUtils.gc();
}

/** Forces a collection and lets the registries speak. */
export async function collect(): Promise<void> {
  const force = collector();
  if (force === null)
    throw new Error(
      'no gc(): start Chromium with --js-flags=--expose-gc, Firefox with dom.testing.testutils.enabled',
    );
  // A decoder and its frames go in turns: what one collection finalizes lets the next find more.
  for (let round = 0; round < 4; round++) {
    await force();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Registers the hooks; called by the set-up file alone, so that importing this twice checks once. */
export function checkAfterEachTest(): void {
  beforeEach(() => account.reset());
  afterEach(async () => {
    if (account.collectionAllowed) await collect();
    expect(account.stillOpen(), 'frames left open, by how they came to be').toEqual([]);
    expect(account.closed + account.collected, 'frames closed or, where the test allows it, collected').toBe(
      account.opened,
    );
    if (!account.collectionAllowed) expect(account.collected, 'frames that only a collection closed').toBe(0);
  });
}
