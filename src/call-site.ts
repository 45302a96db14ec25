/** The app's call that a share is made for, as a stack that begins at the app's own line. For pools with `trackHolders` alone. */

/**
 * Marks the frames at which a stack enters the library. They are methods of object literals, because minifiers rename functions
 * and keep the names of properties. The digit counts further frames of the library between the marked one and the app.
 */
const MARK = /videoFramePoolCall([01])/u;

/** Frames of this library that stand above the app's. V8 keeps 10 frames in all unless told otherwise. */
const LIBRARY_FRAMES = 24;

/** Calls of the app that are under way, and marked in the stack. */
export const calls = { underWay: 0 };

const marked = {
  videoFramePoolCall1(run: () => unknown): unknown {
    calls.underWay++;
    // WebKit drops the frame of a function that ends in a call, as the standard asks (proper tail calls); not inside `try`.
    try {
      return run();
    } finally {
      calls.underWay--;
    }
  },
};

/**
 * Runs a part of a public function or constructor, which must call this directly, and not as its last step (see above). Methods of
 * guarded classes need none.
 */
// Bound, or a minifier takes the function out of its object. TypeScript loses the type parameter in that.
export const enter = marked.videoFramePoolCall1.bind(marked) as <T>(run: () => T) => T;

let current: string | undefined;

/** The call that shares are made for now; undefined outside `inCall()`. */
export const currentCall = (): string | undefined => current;

/** Makes shares for a call that came earlier, such as one that waited. With undefined it only runs the function. */
export function inCall<T>(call: string | undefined, make: () => T): T {
  if (call === undefined) return make();
  const before = current;
  current = call;
  try {
    return make();
  } finally {
    current = before;
  }
}

/** The stack of the app's call that is under way, without the frames of this library. */
export function captureCall(): string {
  const { stackTraceLimit: limit } = Error as { stackTraceLimit?: unknown };
  // By `Reflect`, which does not throw in an app that froze `Error`.
  if (typeof limit === 'number') Reflect.set(Error, 'stackTraceLimit', limit + LIBRARY_FRAMES);
  const { stack } = new Error();
  if (typeof limit === 'number') Reflect.set(Error, 'stackTraceLimit', limit);
  return calls.underWay === 0 ? String(stack ?? '') : appFrames(String(stack ?? ''));
}

/** Cuts a stack of any engine. V8 begins with a line of the error's own, the others with the first frame. */
export function appFrames(stack: string): string {
  const frames = stack.split('\n').filter((line) => line !== '' && line !== 'Error');
  const last = frames.map((line) => MARK.test(line)).lastIndexOf(true);
  const digit = MARK.exec(frames[last] ?? '')?.[1] ?? '0';
  return frames.slice(last + 1 + Number(digit)).join('\n');
}
