/** Connection between an iteration in the window and the reader that it belongs to. */
import type { ErrorRecord } from './error-record.ts';
import type { ToWorker } from './messages.ts';

/** An iteration, as the worker's messages reach it. */
export interface RemoteJob {
  onFrame(frame: VideoFrame, spends: boolean): void;
  onChunk(chunk: EncodedVideoChunk): void;
  onEnd(record: ErrorRecord | null): void;
  fail(error: unknown): void;
}

/** Channel to the worker, as one iteration uses it. */
export interface JobLink {
  /** Registers an iteration. Returns its number in the messages of the worker. */
  register(job: RemoteJob): number;
  post(message: ToWorker): void;
  /** Unregisters an iteration: it receives no more messages. */
  unregister(job: number): void;
}
