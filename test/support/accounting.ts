/** Frame account of the browser tests: after every test, all opened frames must be closed. Loaded before each test file. */
import { afterEach, beforeEach, expect } from 'vitest';
import { frameAccount } from './frame-account.ts';

const account = frameAccount();

/** Number of pictures that are open now. A frame and its clones count as one. */
export function livePictures(): number {
  account.stillOpen();
  return account.live;
}

/** The most pictures that were open at one time since the last call. */
export function takePeak(): number {
  const was = account.peak;
  account.peak = account.live;
  return was;
}

/** For tests of leak detection: frames that this test drops may be garbage-collected instead of closed. */
export function allowCollection(): void {
  account.collectionAllowed = true;
}

/**
 * Function that forces a collection: Chromium's own function, enabled by a flag, or Firefox's, enabled by a preference. Null if
 * there is none.
 */
export function collector(): (() => unknown) | null {
  const { gc, TestUtils } = globalThis as { gc?: () => void; TestUtils?: { gc(): Promise<void> } };
  if (gc !== undefined) return gc;
  return TestUtils === undefined ? null : () => TestUtils.gc();
}

/** Forces a collection and lets the finalization registries call back. */
export async function collect(): Promise<void> {
  const force = collector();
  if (force === null)
    throw new Error(
      'no gc(): start Chromium with --js-flags=--expose-gc, Firefox with dom.testing.testutils.enabled',
    );
  // A decoder and its frames are collected in turns: the finalizers of one collection free objects for the next.
  for (let round = 0; round < 4; round++) {
    await force();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Registers the hooks. Only the set-up file calls it, so that a second import does not check twice. */
export function checkAfterEachTest(): void {
  beforeEach(() => account.reset());
  afterEach(async () => {
    if (account.collectionAllowed) await collect();
    expect(account.stillOpen(), 'frames left open, by their origin').toEqual([]);
    expect(account.closed + account.collected, 'frames closed or, if the test allows it, collected').toBe(
      account.opened,
    );
    if (!account.collectionAllowed) expect(account.collected, 'frames that only a collection closed').toBe(0);
  });
}
