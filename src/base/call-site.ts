/** Stack traces that begin at the app's own line, for the shares of pools with `trackHolders`. */

/**
 * Matches the marked frames at which a stack enters the library. They are methods of object literals, because minifiers rename
 * functions and keep property names. The digit counts the library's frames between the marked frame and the app's.
 */
const MARK = /videoFramePoolCall([01])/u;

/** Allowance for the library's frames above the app's. By default V8 records only 10 frames. */
const LIBRARY_FRAMES = 24;

/** Number of the app's calls that are in progress and marked in the stack. */
export const calls = { underWay: 0 };

const marked = {
  videoFramePoolCall1(run: () => unknown): unknown {
    calls.underWay++;
    // WebKit drops the frame of a function that ends in a call (proper tail calls, as the standard requires), but not inside
    // `try`.
    try {
      return run();
    } finally {
      calls.underWay--;
    }
  },
};

/**
 * Runs a part of a public function or constructor. The public function must call this directly, and not as its last step (see
 * above). Methods of guarded classes do not need it.
 */
// Bound because a minifier would otherwise take the function out of its object. TypeScript loses the type parameter then.
export const enter = marked.videoFramePoolCall1.bind(marked) as <T>(run: () => T) => T;

let current: string | undefined;

/** Stack of the call that shares are now made for; undefined outside `inCall()`. */
export const currentCall = (): string | undefined => current;

/** Makes shares on behalf of an earlier call, such as one that waited. With undefined it only runs the function. */
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

/** Stack of the app's call in progress, without the library's frames. */
export function captureCall(): string {
  const { stackTraceLimit: limit } = Error as { stackTraceLimit?: unknown };
  // `Reflect.set()` does not throw if an app has frozen `Error`.
  if (typeof limit === 'number') Reflect.set(Error, 'stackTraceLimit', limit + LIBRARY_FRAMES);
  const { stack } = new Error();
  if (typeof limit === 'number') Reflect.set(Error, 'stackTraceLimit', limit);
  return calls.underWay === 0 ? String(stack ?? '') : appFrames(String(stack ?? ''));
}

/**
 * Removes the library's frames from a stack of any engine. V8's stack begins with the error's name, others with the first frame.
 */
export function appFrames(stack: string): string {
  const frames = stack.split('\n').filter((line) => line !== '' && line !== 'Error');
  const last = frames.map((line) => MARK.test(line)).lastIndexOf(true);
  const digit = MARK.exec(frames[last] ?? '')?.[1] ?? '0';
  return frames.slice(last + 1 + Number(digit)).join('\n');
}
