/** The worker's side of readers: opens the file that the window names, and runs its jobs. */
import type { Responder, ResponderEvents } from '../../thread/responder.ts';
import { refusalOf, respond } from '../../thread/responder.ts';
import type { MessageEnd } from '../../thread/handshake.ts';
import type { LocalVideo } from '../local-video.ts';
import type { OpenLocalOptions } from '../open-local.ts';
import { openLocal } from '../open-local.ts';
import { recordOf } from './error-record.ts';
import type { Tell } from './job.ts';
import { Job } from './job.ts';
import type { FromWorker, JobRequest, ToWorker } from './messages.ts';
import { PacketJob } from './packet-job.ts';
import { readToWorker } from './reading.ts';

/** Decoders of the worker: those that its script registers at mediabunny, and the platform's, except in tests. */
export type ServeOptions = Pick<OpenLocalOptions, 'decoder' | 'registered'>;

/** Iterations that one reader may have at a time. */
const MAX_JOBS = 1024;

/**
 * Serves every reader that reaches this thread through an end.
 *
 * @returns What stops it; readers that are open stay.
 */
export function serveReaders(end: MessageEnd, options: ServeOptions = {}): () => void {
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

const jobOf = (job: number, video: LocalVideo, request: JobRequest, tell: Tell): Job | PacketJob =>
  request.kind === 'packets' ? new PacketJob(job, video, request, tell) : new Job(job, video, request, tell);

/** One reader's file and jobs. */
class ReaderService implements ResponderEvents {
  readonly #side: Responder;
  readonly #options: ServeOptions;
  readonly #opening = new AbortController();
  readonly #jobs = new Map<number, Job | PacketJob>();
  readonly #onEnd: () => void;
  #isOpening = false;
  #video: LocalVideo | null = null;

  constructor(side: Responder, options: ServeOptions, onEnd: () => void) {
    this.#side = side;
    this.#options = options;
    this.#onEnd = onEnd;
  }

  opened(): void {
    // The window speaks first.
  }

  message(body: unknown): boolean {
    const said = readToWorker(body);
    if (said === null) return false;
    if (said.kind === 'open') return this.#open(said);
    if (said.kind === 'start') return this.#start(said);
    if (said.kind === 'stop') this.#stop(said.job);
    // Of a job that is over, for messages cross on their way.
    else if (said.kind === 'dry') this.#jobs.get(said.job)?.dry();
    else return this.#jobs.get(said.job)?.more(said.permits, said.wanted) ?? true;
    return true;
  }

  /** No frames come this way, and nothing else can be unreadable. */
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

  /** False where a file is open: each reader has one. */
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
      this.#tell({ kind: 'head', facts: this.#video.facts });
    } catch (error) {
      if (!this.#opening.signal.aborted) this.#tell({ kind: 'failed', error: recordOf(error) });
    }
  }

  /** False before the file is open, for a number that is in use, and for more than any window has. */
  #start({ job, request }: Extract<ToWorker, { kind: 'start' }>): boolean {
    if (this.#video === null || this.#jobs.has(job) || this.#jobs.size === MAX_JOBS) return false;
    try {
      const tell = (said: FromWorker, transfer?: Transferable[]): void => {
        if (said.kind === 'end') this.#jobs.delete(job);
        this.#tell(said, transfer);
      };
      this.#jobs.set(job, jobOf(job, this.#video, request, tell));
    } catch (error) {
      this.#tell({ kind: 'end', job, error: recordOf(error) });
    }
    return true;
  }

  #stop(job: number): void {
    this.#jobs.get(job)?.stop();
    this.#jobs.delete(job);
  }

  #tell(said: FromWorker, transfer?: Transferable[]): void {
    this.#side.post(said, transfer);
  }
}
