/**
 * Counts every `VideoFrame` that is opened and closed in a browser test, and fails the test that leaves one open or a slot
 * out. Loaded before each test file.
 */
import { afterEach, beforeEach, expect } from 'vitest';

const Native = globalThis.VideoFrame;
const NativeDecoder = globalThis.VideoDecoder;
const nativeClone = Native.prototype.clone;
const nativeClose = Native.prototype.close;

let opened = 0;
let closed = 0;
let collected = 0;
let collectionAllowed = false;
const open = new Map<number, string>();
const keys = new WeakMap<VideoFrame, number>();
const registry = new FinalizationRegistry<number>((key) => {
  if (open.delete(key)) collected++;
});
let nextKey = 0;

/** The picture behind a frame and its clones, as a decoder's memory is pinned by them. */
let live = 0;
let peak = 0;
const pictures = new WeakMap<VideoFrame, { frames: number }>();

function count(frame: VideoFrame, how: string, picture: { frames: number } = { frames: 0 }): VideoFrame {
  opened++;
  const key = nextKey++;
  open.set(key, how);
  keys.set(frame, key);
  registry.register(frame, key, frame);
  if (picture.frames++ === 0) {
    live++;
    peak = Math.max(peak, live);
  }
  pictures.set(frame, picture);
  return frame;
}

function countOut(frame: VideoFrame): void {
  const key = keys.get(frame);
  if (key === undefined || !open.delete(key)) return;
  closed++;
  registry.unregister(frame);
  const picture = pictures.get(frame);
  if (picture !== undefined && --picture.frames === 0) live--;
}

Native.prototype.clone = function clone(): VideoFrame {
  return count(nativeClone.call(this), 'clone()', pictures.get(this));
};
Native.prototype.close = function close(): void {
  nativeClose.call(this);
  countOut(this);
};

globalThis.VideoFrame = new Proxy(Native, {
  construct(target, parameters, newTarget) {
    const frame = Reflect.construct(target, parameters, newTarget) as VideoFrame;
    const [source] = parameters as [unknown];
    return count(frame, 'new VideoFrame()', source instanceof Native ? pictures.get(source) : undefined);
  },
});

globalThis.VideoDecoder = new Proxy(NativeDecoder, {
  construct(target, [init]: [VideoDecoderInit], newTarget) {
    const counted: VideoDecoderInit = {
      output: (frame) => init.output(count(frame, 'VideoDecoder')),
      error: (error) => init.error(error),
    };
    return Reflect.construct(target, [counted], newTarget) as VideoDecoder;
  },
});

/** How many pictures are open now: a frame and its clones are one. */
export const livePictures = (): number => live;

/** The most pictures that were open at one time since this was last called. */
export function takePeak(): number {
  const was = peak;
  peak = live;
  return was;
}

/** For tests of the net: frames that this test drops may be collected rather than closed. */
export function allowCollection(): void {
  collectionAllowed = true;
}

/** Forces a collection and lets the registries speak. */
export async function collect(): Promise<void> {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error('no gc(): start the browser with --js-flags=--expose-gc');
  // A decoder and its frames go in turns: what one collection finalizes lets the next find more.
  for (let round = 0; round < 4; round++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

beforeEach(() => {
  opened = 0;
  closed = 0;
  collected = 0;
  collectionAllowed = false;
  open.clear();
  live = 0;
  peak = 0;
});

afterEach(async () => {
  if (collectionAllowed) await collect();
  expect([...open.values()], 'frames left open, by how they came to be').toEqual([]);
  expect(closed + collected, 'frames closed or, where the test allows it, collected').toBe(opened);
  if (!collectionAllowed) expect(collected, 'frames that only a collection closed').toBe(0);
});
