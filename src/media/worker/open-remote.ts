/** Opens a file in a worker: makes the worker, reaches it, and has it open the file. Whatever fails, the worker is ended. */
import { dataError, invalidState, shown } from '../../errors.ts';
import { Initiator } from '../../thread/initiator.ts';
import { networkError } from '../explain.ts';
import type { PortableSource } from '../portable-source.ts';
import type { OpenLocalOptions } from '../open-local.ts';
import { errorOf } from './error-record.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { readFromWorker } from './reading.ts';
import { RemoteVideo } from './remote-video.ts';

/** How a file is opened in a worker. */
export type RemoteOptions = Omit<OpenLocalOptions, 'decoder'>;

/** @throws What `openVideo()` says. */
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

/** Who waits for a file to be open. */
interface Asker {
  resolve(video: RemoteVideo): void;
  reject(error: unknown): void;
}

/** From the making of the worker to what it says of the file. Every end but success ends the worker. */
class Opening {
  readonly #worker: Worker;
  readonly #side: Initiator;
  readonly #signal: AbortSignal | undefined;
  // Weakly from the time that it is open: the channel lives as long as the worker, and a reader that was dropped is to be found.
  #opened: WeakRef<RemoteVideo> | null = null;
  // Let go of when it is open, for a promise holds what it was settled with.
  #asker: Asker | null;

  constructor(worker: Worker, request: OpenRequest, signal: AbortSignal | undefined, asker: Asker) {
    this.#worker = worker;
    this.#signal = signal;
    this.#asker = asker;
    worker.addEventListener('error', this.#onWorkerError);
    signal?.addEventListener('abort', this.#onAbort);
    this.#side = new Initiator(worker, 'reader', {
      opened: () => void this.#side.post(request),
      message: (body) => this.#hear(readFromWorker(body)),
      unreadable: () => this.#lose(() => dataError('a frame of the worker cannot be read in this thread')),
      refused: (error) => this.#fail(error),
      died: () => this.#lose(),
    });
  }

  #hear(said: FromWorker | null): boolean {
    if (said === null) return false;
    const video = this.#opened?.deref();
    if (video !== undefined) return video.hear(said);
    // A reader that was dropped hears nothing any more of what it had asked for.
    if (this.#opened !== null && said.kind === 'frame') said.frame.close();
    if (this.#opened !== null) return said.kind === 'frame' || said.kind === 'end';
    if (said.kind === 'head') this.#succeed(said);
    else if (said.kind === 'failed') this.#fail(errorOf(said.error));
    return said.kind === 'head' || said.kind === 'failed';
  }

  #succeed({ facts }: Extract<FromWorker, { kind: 'head' }>): void {
    const video = new RemoteVideo(facts, this.#side, releaseOf(this.#side, this.#worker));
    this.#opened = new WeakRef(video);
    this.#finish()?.resolve(video);
  }

  #fail(error: unknown): void {
    const asker = this.#finish();
    if (asker === null) return;
    releaseOf(this.#side, this.#worker)();
    asker.reject(error);
  }

  /** The worker is gone, or cannot be understood. */
  #lose(why?: () => DOMException): void {
    this.#opened?.deref()?.die(why);
    this.#fail(why?.() ?? invalidState('the worker ended while it opened the file'));
  }

  #finish(): Asker | null {
    const asker = this.#asker;
    this.#asker = null;
    this.#worker.removeEventListener('error', this.#onWorkerError);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    return asker;
  }

  readonly #onAbort = (): void => this.#fail(this.#signal?.reason);

  readonly #onWorkerError = (event: Event): void => {
    // What a script throws comes with a message; where no script came there is none.
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

// Made apart: closures that are made together share what they see, and this one is kept for as long as the worker runs.
const releaseOf = (side: Initiator, worker: Worker) => (): void => {
  side.close();
  worker.terminate();
};
