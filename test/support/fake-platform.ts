/**
 * Set-up of the tests in Node: fakes of WebCodecs and canvases, and a frame account that every test must balance.
 *
 * After each test all opened frames must be closed, except for the frames that the test declared by `leaveToCollection(count)`.
 * No pool of fake-pools.ts may have a slot out.
 */
import { afterEach } from 'vitest';
import { FakeOffscreenCanvas, resetCanvases } from './fake-canvas.ts';
import { settlePools } from './fake-pools.ts';
import { FakeVideoFrame, settleFrames } from './fake-video-frame.ts';

Object.assign(globalThis, { VideoFrame: FakeVideoFrame, OffscreenCanvas: FakeOffscreenCanvas });

afterEach(() => {
  resetCanvases();
  // Both accounts are settled before either can fail, so that the leaks of one test do not fail the next one.
  try {
    settlePools();
  } finally {
    settleFrames();
  }
});
