/** An engine whose memory is full at a certain allocation, and has room again afterwards. */
import { onTestFinished } from 'vitest';

/** What a full engine throws. */
export const NO_ROOM = new RangeError('allocation failed');

type Allocating = 'OffscreenCanvas' | 'ArrayBuffer' | 'VideoFrame';

/** Makes one construction of a class of the platform fail: the first from now on, or a later one. */
export function scarce(name: Allocating, nth = 1): void {
  const scope = globalThis as unknown as Record<string, new (...given: unknown[]) => object>;
  const real = scope[name];
  if (real === undefined) throw new Error(`there is no ${name} here`);
  let count = 0;
  scope[name] = new Proxy(real, {
    construct(target, given, newTarget) {
      if (++count === nth) throw NO_ROOM;
      return Reflect.construct(target, given, newTarget) as object;
    },
  });
  onTestFinished(() => void (scope[name] = real));
}

/** Makes one `clone()` of a frame fail. */
export function scarceClones(nth = 1): void {
  const { prototype } = VideoFrame;
  const { clone } = prototype;
  let count = 0;
  prototype.clone = function cloneOrNot(): VideoFrame {
    if (++count === nth) throw NO_ROOM;
    return clone.call(this);
  };
  onTestFinished(() => void (prototype.clone = clone));
}
