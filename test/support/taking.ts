/** Consumers of frame iterations that release each frame immediately. */
import type { FrameHandle } from '../../src/index.ts';

type Note = (handle: FrameHandle) => number;

const timestampOf: Note = ({ timestamp }) => timestamp;

/**
 * Takes all frames. Resolves to a number for each, which is its timestamp by default, and to the error that ended the iteration,
 * or null.
 */
export async function takeUntilError(
  frames: AsyncIterable<FrameHandle>,
  note = timestampOf,
): Promise<{ seen: number[]; error: unknown }> {
  const seen: number[] = [];
  try {
    for await (const handle of frames) {
      seen.push(note(handle));
      handle.release();
    }
    return { seen, error: null };
  } catch (error) {
    return { seen, error };
  }
}

/** Takes all frames. Resolves to a number for each, which is its timestamp by default. Rejects if the iteration does. */
export async function takeAll(frames: AsyncIterable<FrameHandle>, note = timestampOf): Promise<number[]> {
  const { seen, error } = await takeUntilError(frames, note);
  if (error !== null) throw error;
  return seen;
}
