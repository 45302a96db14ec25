/** Writable end of a writer's stream. */
import { shown } from '../../base/errors.ts';
import { isClosed, isVideoFrame } from '../../pool/frames.ts';
import type { FrameHandle } from '../../pool/handle.ts';
import { HandleBase } from '../../pool/handle.ts';
import { isLent, isOwned, noteOwned, requireFrameToOwn } from '../../pool/loan.ts';
import type { Storage } from '../../pool/storage.ts';
import { OwnedWritable } from '../../streams/owned-writable.ts';
import type { SampleInfo } from './options.ts';
import { isAudioData } from './sample-input.ts';

/** A value that may be written. */
export type WriterSample = FrameHandle<Storage> | VideoFrame | AudioData;

/** Options of a writable end. */
export interface WritableOptions {
  /** Times and encoding of each sample; its own times by default. The stream still owns the sample. */
  info?(sample: WriterSample): SampleInfo;
}

/** The writer behind a sink. */
interface SinkWriter {
  writeSample(sample: WriterSample, info: SampleInfo): Promise<void>;
  abort(reason: unknown): Promise<void>;
  /** Fires, with the reason, when no more samples may be written. */
  readonly ended: AbortSignal;
}

/**
 * Creates the stream. It owns a chunk from `write()` on, and releases it when the writer has taken its snapshot, or at any end.
 */
export function sampleSink(writer: SinkWriter, options: WritableOptions): WritableStream<WriterSample> {
  const { ended } = writer;
  const onEnded = (): void => samples.fail(ended.reason);
  const stopListening = (): void => ended.removeEventListener('abort', onEnded);
  const samples = new OwnedWritable<WriterSample>({
    accepts: takeOwnership,
    release: releaseSample,
    async write(chunk) {
      if (!samples.take(chunk)) {
        if (isVideoFrame(chunk)) requireFrameToOwn('chunk', chunk);
        throw new TypeError(`chunk must be a FrameHandle, a VideoFrame or AudioData, got ${shown(chunk)}`);
      }
      let written: Promise<void>;
      try {
        written = writer.writeSample(chunk, options.info?.(chunk) ?? {});
      } finally {
        releaseSample(chunk);
      }
      await written;
    },
    closed: stopListening,
    ended: stopListening,
    aborted: (reason) => writer.abort(reason),
  });
  ended.addEventListener('abort', onEnded);
  return samples.writable;
}

function takeOwnership(chunk: unknown): chunk is WriterSample {
  if (!isVideoFrame(chunk)) return chunk instanceof HandleBase || isAudioData(chunk);
  if (isClosed(chunk) || isOwned(chunk) || isLent(chunk)) return false;
  noteOwned(chunk);
  return true;
}

function releaseSample(sample: WriterSample): void {
  if (sample instanceof HandleBase) sample.release();
  else sample.close();
}
