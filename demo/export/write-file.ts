/** One file, from a writer's beginning to its end, whatever happens in between; and how far it has come. */
import { BufferTarget } from 'mediabunny';
import { FrameWriter } from '../../src/media/index.ts';
import type { FileKind } from './file-kinds.ts';

/** How much is in the file. */
export interface Progress {
  readonly frames: number;
  /** Of the whole, from 0 to 1. */
  readonly share: number;
}

/** What ends the work, and who is told how it goes. */
export interface Job {
  readonly signal: AbortSignal;
  progress(progress: Progress): void;
}

/** Between two markers, so that progress moves without being told of each frame. */
export const FRAMES_PER_MARKER = 10;

/**
 * Writes one file into memory.
 *
 * @param write - Adds the streams, begins the writing and writes everything.
 * @throws What `write` or the writer throws, or the signal's reason. Nothing of the writer's is left then.
 */
export async function writeFile(
  kind: FileKind,
  signal: AbortSignal,
  write: (writer: FrameWriter) => Promise<void>,
): Promise<Blob> {
  signal.throwIfAborted();
  const format = kind.format();
  const target = new BufferTarget();
  const writer = new FrameWriter({ format, target });
  const stop = (): void => void writer.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    await write(writer);
    await writer.finalize();
  } catch (error) {
    // Also where only reading failed: what is on its way goes home, and the encoders are closed.
    await writer.abort(error);
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return new Blob([target.buffer ?? new ArrayBuffer()], { type: format.mimeType });
}

/** Tells of a progress once all that was written to the stream so far is in the file. */
export function reportWhenWritten(writer: FrameWriter, stream: number, progress: Progress, job: Job): void {
  // A marker that is not reached rejects with what ended the writer, and that is told by finalize().
  writer.placeMarker(stream, progress).then(
    (reached) => job.progress(reached),
    () => undefined,
  );
}
