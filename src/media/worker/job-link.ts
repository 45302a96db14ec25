/** The connection between an iteration in the window and the reader that it belongs to. */
import type { ErrorRecord } from './error-record.ts';
import type { ToWorker } from './messages.ts';

/** An iteration as the messages of the worker reach it. */
export interface RemoteJob {
  arrive(frame: VideoFrame, spends: boolean): void;
  arriveChunk(chunk: EncodedVideoChunk): void;
  ended(record: ErrorRecord | null): void;
  fail(error: unknown): void;
}

/** The way to the worker, as one iteration has it. */
export interface JobLink {
  /** Gives it a number, by which the messages of the worker reach it. */
  begin(job: RemoteJob): number;
  tell(said: ToWorker): void;
  /** It hears nothing any more. */
  forget(job: number): void;
}
