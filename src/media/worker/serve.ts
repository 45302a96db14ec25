/** Worker side of readers: opens the file that the window names, and runs its jobs. */
import type { ResponderEvents, Responder } from '../../thread/responder.ts';
import { refusalOf, respond } from '../../thread/responder.ts';
import type { MessageEndpoint } from '../../thread/handshake.ts';
import type { LocalVideo } from '../local-video.ts';
import type { OpenLocalOptions } from '../open-local.ts';
import { openLocal } from '../open-local.ts';
import { recordOf } from './error-record.ts';
import type { PostMessage } from './frame-job.ts';
import { FrameJob } from './frame-job.ts';
import type { FromWorker, JobRequest, ToWorker } from './messages.ts';
import { PacketJob } from './packet-job.ts';
import { parseToWorker } from './message-validation.ts';

/** Decoders of the worker: those that its script registers with mediabunny, and the platform's, except in tests. */
export type ServeOptions = Pick<OpenLocalOptions, 'decoder' | 'registered'>;

/** Maximum number of concurrent iterations of one reader. */
const MAX_JOBS = 1024;

/**
 * Serves every reader that reaches this thread through an endpoint.
 *
 * @returns Stops serving new readers; open readers stay.
 */
export function serveReaders(end: MessageEndpoint, options: ServeOptions = {}): () => void {
  const open = new Set<ReaderService>();
  return respond(end, 'reader', {
    get refusal() {
      return refusalOf(open.size);
    },
    accept(side) {
      const service = new ReaderService(side, options, () => open.delete(service));
      open.add(service);
      return service;
    },
    onInvalid: () => {},
  });
}

type OpenRequest = Extract<ToWorker, { kind: 'open' }>;

const jobOf = (
  job: number,
  video: LocalVideo,
  request: JobRequest,
  post: PostMessage,
): FrameJob | PacketJob =>
  request.kind === 'packets'
    ? new PacketJob(job, video, request, post)
    : new FrameJob(job, video, request, post);

/** File and jobs of one reader. */
class ReaderService implements ResponderEvents {
  readonly #side: Responder;
  readonly #options: ServeOptions;
  readonly #opening = new AbortController();
  readonly #jobs = new Map<number, FrameJob | PacketJob>();
  readonly #onEnd: () => void;
  #isOpening = false;
  #video: LocalVideo | null = null;

  constructor(side: Responder, options: ServeOptions, onEnd: () => void) {
    this.#side = side;
    this.#options = options;
    this.#onEnd = onEnd;
  }

  opened(): void {
    // The window sends the first message.
  }

  message(body: unknown): boolean {
    const message = parseToWorker(body);
    if (message === null) return false;
    if (message.kind === 'open') return this.#open(message);
    if (message.kind === 'start') return this.#start(message);
    if (message.kind === 'stop') this.#stop(message.job);
    // The job may have ended, because messages cross in flight.
    else if (message.kind === 'dry') this.#jobs.get(message.job)?.endPermits();
    else return this.#jobs.get(message.job)?.grant(message.permits, message.wanted) ?? true;
    return true;
  }

  /** The window sends no frames, and nothing else can fail to deserialize. */
  unreadable(): void {
    this.died();
  }

  died(): void {
    this.#opening.abort();
    for (const job of this.#jobs.keys()) this.#stop(job);
    this.#video?.close();
    this.#side.close();
    this.#onEnd();
  }

  /** False if a file is already open: each reader has one. */
  #open(request: OpenRequest): boolean {
    if (this.#isOpening) return false;
    this.#isOpening = true;
    void this.#read(request);
    return true;
  }

  async #read({ source, track, decoderConfig, alpha }: OpenRequest): Promise<void> {
    const { signal } = this.#opening;
    try {
      this.#video = await openLocal(source, {
        ...this.#options,
        signal,
        decoderConfig,
        alpha,
        track: track ?? undefined,
      });
      this.#post({ kind: 'head', facts: this.#video.facts });
    } catch (error) {
      if (!this.#opening.signal.aborted) this.#post({ kind: 'failed', error: recordOf(error) });
    }
  }

  /** False before the file is open, for a number that is in use, and for more jobs than any window has. */
  #start({ job, request }: Extract<ToWorker, { kind: 'start' }>): boolean {
    if (this.#video === null || this.#jobs.has(job) || this.#jobs.size === MAX_JOBS) return false;
    try {
      const post = (message: FromWorker, transfer?: Transferable[]): void => {
        if (message.kind === 'end') this.#jobs.delete(job);
        this.#post(message, transfer);
      };
      this.#jobs.set(job, jobOf(job, this.#video, request, post));
    } catch (error) {
      this.#post({ kind: 'end', job, error: recordOf(error) });
    }
    return true;
  }

  #stop(job: number): void {
    this.#jobs.get(job)?.stop();
    this.#jobs.delete(job);
  }

  #post(message: FromWorker, transfer?: Transferable[]): void {
    this.#side.post(message, transfer);
  }
}

/** Serves readers in the importing thread if that is a dedicated worker. Otherwise does nothing. */
export function serveHere(options: ServeOptions): void {
  const scope: object = globalThis;
  if (isDedicatedWorker(scope)) serveReaders(scope, options);
}

/** TypeScript types the global scope as a window's, whose postMessage() is different. */
const isDedicatedWorker = (scope: object): scope is MessageEndpoint =>
  Object.prototype.toString.call(scope) === '[object DedicatedWorkerGlobalScope]';
