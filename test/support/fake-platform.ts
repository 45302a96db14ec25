/**
 * Set-up of the tests in Node: WebCodecs and canvases that are fakes, and an account that every test must settle.
 *
 * After each test the frames that were opened must be closed, but for those that the test declared by
 * `leaveToCollection(count)`, and no pool of fake-pools.ts may have anything out.
 */
import { afterEach } from 'vitest';
import { FakeOffscreenCanvas, resetCanvases } from './fake-canvas.ts';
import { settlePools } from './fake-pools.ts';
import { FakeVideoFrame, settleFrames } from './fake-video-frame.ts';

Object.assign(globalThis, { VideoFrame: FakeVideoFrame, OffscreenCanvas: FakeOffscreenCanvas });

afterEach(() => {
  resetCanvases();
  // Both accounts are closed before either can fail, so that one test's debt is not the next one's.
  try {
    settlePools();
  } finally {
    settleFrames();
  }
});
