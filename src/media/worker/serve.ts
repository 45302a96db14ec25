/** The worker's side of readers: opens the file that the window names, and runs its jobs. */
import type { FarEvents, FarSide } from '../../thread/far-side.ts';
import { answer } from '../../thread/far-side.ts';
import type { MessageEnd } from '../../thread/greeting.ts';
import type { LocalVideo } from '../local-video.ts';
import type { OpenLocalOptions } from '../open-local.ts';
import { openLocal } from '../open-local.ts';
import { recordOf } from './error-record.ts';
import { Job } from './job.ts';
import type { FromWorker, ToWorker } from './messages.ts';

/** Which decoder the worker uses: the platform's, but for tests. */
export type ServeOptions = Pick<OpenLocalOptions, 'decoder'>;

/**
 * Serves every reader that reaches this thread through an end.
 *
 * @returns What stops it; readers that are open stay.
 */
export function serveReaders(end: MessageEnd, options: ServeOptions = {}): () => void {
  return answer(end, 'reader', {
    refusal: null,
    enter: (side) => new ReaderService(side, options),
    strange: () => {},
  });
}

/** One reader's file and jobs. */
class ReaderService implements FarEvents {
  readonly #side: FarSide;
  readonly #options: ServeOptions;
  readonly #opening = new AbortController();
  readonly #jobs = new Map<number, Job>();
  #video: LocalVideo | null = null;

  constructor(side: FarSide, options: ServeOptions) {
    this.#side = side;
    this.#options = options;
  }

  opened(): void {
    // The window speaks first.
  }

  message(body: unknown): boolean {
    // The boundary: what comes through a numbered channel of the same protocol is what messages.ts says.
    const said = body as ToWorker;
    if (said.kind === 'open') void this.#open(said.source);
    else if (said.kind === 'start') this.#start(said);
    else if (said.kind === 'more') this.#jobs.get(said.job)?.more(said.permits, said.wanted);
    else if (said.kind === 'dry') this.#jobs.get(said.job)?.dry();
    else if (said.kind === 'stop') this.#stop(said.job);
    else return false;
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
  }

  async #open(source: Blob | string): Promise<void> {
    try {
      this.#video = await openLocal(source, { ...this.#options, signal: this.#opening.signal });
      this.#tell({ kind: 'head', facts: this.#video.facts });
    } catch (error) {
      if (!this.#opening.signal.aborted) this.#tell({ kind: 'failed', error: recordOf(error) });
    }
  }

  #start({ job, request }: Extract<ToWorker, { kind: 'start' }>): void {
    if (this.#video === null) return;
    try {
      const tell = (said: FromWorker, transfer?: Transferable[]): void => {
        if (said.kind === 'end') this.#jobs.delete(job);
        this.#tell(said, transfer);
      };
      this.#jobs.set(job, new Job(job, this.#video, request, tell));
    } catch (error) {
      this.#tell({ kind: 'end', job, error: recordOf(error) });
    }
  }

  #stop(job: number): void {
    this.#jobs.get(job)?.stop();
    this.#jobs.delete(job);
  }

  #tell(said: FromWorker, transfer?: Transferable[]): void {
    this.#side.post(said, transfer);
  }
}
