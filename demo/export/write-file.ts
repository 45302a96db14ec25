/** Writes one file with a `FrameWriter`, cleans up on failure, and reports progress. */
import { BufferTarget } from 'mediabunny';
import { FrameWriter } from '../../src/media/index.ts';
import type { FileKind } from './file-kinds.ts';

/** Progress of a file. */
export interface Progress {
  readonly frames: number;
  /** Fraction from 0 to 1. */
  readonly share: number;
}

/** Signal and progress callback of one run. */
export interface WriteJob {
  readonly signal: AbortSignal;
  progress(progress: Progress): void;
}

/** Frames between two markers: progress advances without a callback per frame. */
export const FRAMES_PER_MARKER = 10;

/**
 * Writes one file into memory.
 *
 * @param write - Adds the streams, calls `beginWriting()` and writes all samples.
 * @throws The error of `write` or of the writer, or the signal's reason. The writer is closed then.
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
    // Also if only reading failed: releases pending samples and closes the encoders.
    await writer.abort(error);
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return new Blob([target.buffer ?? new ArrayBuffer()], { type: format.mimeType });
}

/** Reports progress once all samples written so far to the stream are in the file. */
export function reportWhenWritten(
  writer: FrameWriter,
  stream: number,
  progress: Progress,
  job: WriteJob,
): void {
  // A pending marker rejects with the error that ended the writer, which `finalize()` reports.
  writer.placeMarker(stream, progress).then(
    (reached) => job.progress(reached),
    () => undefined,
  );
}
