/**
 * Opens a file in a worker: creates the worker, connects to it, and has it open the file. On any failure the worker is
 * terminated.
 */
import { dataError, invalidState, shown } from '../../base/errors.ts';
import { Initiator } from '../../thread/initiator.ts';
import { networkError } from '../file-errors.ts';
import type { OpenLocalOptions } from '../open-local.ts';
import { parseFromWorker } from './message-validation.ts';
import type { PortableSource } from '../portable-source.ts';
import { errorOf } from './error-record.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { RemoteVideo } from './remote-video.ts';

/** Options for opening a file in a worker. */
export type RemoteOptions = Omit<OpenLocalOptions, 'decoder'>;

/** @throws The errors of `openVideo()`. */
export async function openRemote(
  source: PortableSource,
  makeWorker: () => Worker,
  { signal, track, decoderConfig = {}, alpha = 'keep' }: RemoteOptions,
): Promise<RemoteVideo> {
  signal?.throwIfAborted();
  const worker = makeWorker();
  requireWorker(worker);
  const request = { kind: 'open', source, track: track ?? null, decoderConfig, alpha } as const;
  return new Promise((resolve, reject) => new Opening(worker, request, signal, { resolve, reject }));
}

function requireWorker(worker: unknown): asserts worker is Worker {
  const { postMessage, addEventListener, terminate } = (worker ?? {}) as Partial<Worker>;
  for (const method of [postMessage, addEventListener, terminate]) {
    if (typeof method !== 'function') throw new TypeError(`worker must make a Worker, got ${shown(worker)}`);
  }
}

type OpenRequest = Extract<ToWorker, { kind: 'open' }>;

/** The pending `openVideo()` call. */
interface PendingOpen {
  resolve(video: RemoteVideo): void;
  reject(error: unknown): void;
}

/** Opening from the creation of the worker to its answer about the file. Every outcome but success terminates the worker. */
class Opening {
  readonly #worker: Worker;
  readonly #side: Initiator;
  readonly #signal: AbortSignal | undefined;
  // Weak once the file is open: the channel lives as long as the worker, and a reader that was dropped must be collectable.
  #opened: WeakRef<RemoteVideo> | null = null;
  // Null once the file is open, because a promise keeps the value that it was settled with alive.
  #pending: PendingOpen | null;

  constructor(worker: Worker, request: OpenRequest, signal: AbortSignal | undefined, pending: PendingOpen) {
    this.#worker = worker;
    this.#signal = signal;
    this.#pending = pending;
    worker.addEventListener('error', this.#onWorkerError);
    signal?.addEventListener('abort', this.#onAbort);
    this.#side = new Initiator(worker, 'reader', {
      opened: () => void this.#side.post(request),
      message: (body) => this.#onMessage(parseFromWorker(body)),
      unreadable: () =>
        this.#onLost(() =>
          dataError('the worker sent a frame that could not be deserialized in this thread'),
        ),
      refused: (error) => this.#fail(error),
      died: () => this.#onLost(),
    });
  }

  #onMessage(message: FromWorker | null): boolean {
    if (message === null) return false;
    const video = this.#opened?.deref();
    if (video !== undefined) return video.onMessage(message);
    // A reader that was dropped no longer needs the frames that it requested.
    if (this.#opened !== null && message.kind === 'frame') message.frame.close();
    if (this.#opened !== null) return message.kind === 'frame' || message.kind === 'end';
    if (message.kind === 'head') this.#succeed(message);
    else if (message.kind === 'failed') this.#fail(errorOf(message.error));
    return message.kind === 'head' || message.kind === 'failed';
  }

  #succeed({ facts }: Extract<FromWorker, { kind: 'head' }>): void {
    const video = new RemoteVideo(facts, this.#side, releaseOf(this.#side, this.#worker));
    this.#opened = new WeakRef(video);
    this.#finish()?.resolve(video);
  }

  #fail(error: unknown): void {
    const pending = this.#finish();
    if (pending === null) return;
    releaseOf(this.#side, this.#worker)();
    pending.reject(error);
  }

  /** The worker has ended, or its messages are invalid. */
  #onLost(why?: () => DOMException): void {
    this.#opened?.deref()?.onLost(why);
    this.#fail(why?.() ?? invalidState('the worker ended while it opened the file'));
  }

  #finish(): PendingOpen | null {
    const pending = this.#pending;
    this.#pending = null;
    this.#worker.removeEventListener('error', this.#onWorkerError);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    return pending;
  }

  readonly #onAbort = (): void => this.#fail(this.#signal?.reason);

  readonly #onWorkerError = (event: Event): void => {
    // An error that a script throws has a message. If no script was loaded there is none.
    const message = 'message' in event && typeof event.message === 'string' ? event.message : '';
    this.#fail(
      message === ''
        ? networkError(
            'the worker cannot be loaded: its address is wrong, or a Content-Security-Policy (worker-src) forbids it',
          )
        : new DOMException(`the worker failed before it answered: ${message}`, 'OperationError'),
    );
  };
}

// A function of its own: closures of one scope share what they refer to, and this one is kept for as long as the worker runs.
const releaseOf = (side: Initiator, worker: Worker) => (): void => {
  side.close();
  worker.terminate();
};
