/** Simulated memory exhaustion: a certain allocation fails, and later ones succeed. */
import { onTestFinished } from 'vitest';

/** The error of a failed allocation. */
export const NO_ROOM = new RangeError('allocation failed');

type Allocating = 'OffscreenCanvas' | 'ArrayBuffer' | 'VideoFrame';

/** Makes one construction of a platform class fail: the first from now on, or the nth. */
export function scarce(name: Allocating, nth = 1): void {
  const scope = globalThis as unknown as Record<string, new (...given: unknown[]) => object>;
  const real = scope[name];
  if (real === undefined) throw new Error(`${name} is missing here`);
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
