/** Window side of a file that a worker has open: numbers its jobs, and dispatches the worker's messages to them. */
import { PullQueue } from '../../base/pull-queue.ts';
import { DEFAULT_STARVATION_MS } from '../../pool/starved.ts';
import { requireDecodedPool } from '../../pool/pool.ts';
import { invalidState, requireDelay } from '../../base/errors.ts';
import type { DecodedStorage } from '../../pool/decoded.ts';
import type { FrameHandle } from '../../pool/handle.ts';
import { requireHolder } from '../../pool/holders.ts';
import type { Initiator } from '../../thread/initiator.ts';
import type { FrameAtOptions, FramesOptions, PacketsRange, VideoFacts, VideoFile } from '../reader.ts';
import type { FramesRequest, FromWorker, ToWorker, JobLink, RemoteJob } from './messages.ts';
import { MAX_PERMITS } from './messages.ts';
import { RemoteFrames } from './remote-frames.ts';
import { RemotePackets } from './remote-packets.ts';

/** Maximum of permits for one frame: those that a decoder needs at once for a picture in the middle of others. */
const MAX_PERMITS_AT = 4;

/** The error of calls that need the worker after its end. */
const goneError = (): DOMException =>
  invalidState('the worker that decodes has ended: it was terminated, closed itself, or crashed');

// Referenced from here alone, so that dropped readers are collectable. Created at the first use, because importing has no side
// effects.
let dropped: FinalizationRegistry<() => void> | null = null;

/** An open file in a worker. Owns the worker and the channel to it. */
export class RemoteVideo implements VideoFile {
  readonly facts: VideoFacts;
  readonly #side: Initiator;
  readonly #release: () => void;
  // Weak, so that iterations that the app dropped are collectable. While a caller waits for its frames, the iteration's timer
  // keeps it alive.
  readonly #jobs = new Map<number, WeakRef<RemoteJob>>();
  readonly #droppedJobs = new FinalizationRegistry<number>((job) => this.#stop(job));
  readonly #link: JobLink;
  #lastJob = 0;
  #gone: (() => DOMException) | null = null;

  /** @param release - Closes the channel and terminates the worker; idempotent. Must not refer to this object. */
  constructor(facts: VideoFacts, side: Initiator, release: () => void) {
    this.facts = facts;
    this.#side = side;
    this.#release = release;
    this.#link = {
      register: (job) => this.#register(job),
      post: (message) => this.#post(message),
      unregister: (job) => this.#unregister(job),
    };
    dropped ??= new FinalizationRegistry((end) => end());
    dropped.register(this, release, this);
  }

  frames(options: FramesOptions): PullQueue<FrameHandle<DecodedStorage>> {
    const { from = -Infinity, to = Infinity } = options;
    return this.#iterate({ kind: 'frames', from, to, ...timing(options) }, MAX_PERMITS, options);
  }

  packets({ from, to, signal }: PacketsRange): AsyncIterableIterator<EncodedVideoChunk> {
    if (this.#gone !== null) throw this.#gone();
    const request = { kind: 'packets', from, to } as const;
    return new PullQueue<EncodedVideoChunk>((sink) => new RemotePackets(request, this.#link, sink), signal);
  }

  async frameAt(timestamp: number, options: FrameAtOptions): Promise<FrameHandle> {
    const frames = this.#iterate({ kind: 'at', timestamp, ...timing(options) }, MAX_PERMITS_AT, options);
    try {
      const { value } = await frames.next();
      if (value !== undefined) return value;
    } finally {
      await frames.return();
    }
    throw goneError();
  }

  close(): void {
    this.#gone ??= goneError;
    dropped?.unregister(this);
    this.#release();
  }

  /** Dispatches a message of the worker. False for an unexpected message. */
  onMessage(message: FromWorker): boolean {
    if (message.kind === 'frame') {
      const frames = this.#jobs.get(message.job)?.deref();
      if (frames === undefined) message.frame.close();
      else frames.onFrame(message.frame, message.spends);
      return true;
    }
    if (message.kind === 'chunk') {
      this.#jobs.get(message.job)?.deref()?.onChunk(message.chunk);
      return true;
    }
    if (message.kind !== 'end') return false;
    this.#jobs.get(message.job)?.deref()?.onEnd(message.error);
    return true;
  }

  /** The worker or the channel has ended: every iteration fails after the good frames that have arrived. */
  onLost(why: () => DOMException = goneError): void {
    this.#gone ??= why;
    const running = [...this.#jobs.values()];
    this.close();
    for (const frames of running) frames.deref()?.fail(why());
  }

  #iterate(
    request: FramesRequest,
    maxPermits: number,
    options: FrameAtOptions,
  ): PullQueue<FrameHandle<DecodedStorage>> {
    if (this.#gone !== null) throw this.#gone();
    const { pool, holder = 'VideoReader', signal } = options;
    requireHolder(holder);
    const core = requireDecodedPool('VideoReader', pool);
    const { codec, codedWidth, codedHeight } = this.facts;
    const size = codedWidth === undefined || codedHeight === undefined ? {} : { codedWidth, codedHeight };
    const settings = { core, holder, request, maxPermits, config: { codec, ...size } };
    return new PullQueue((sink) => new RemoteFrames(settings, this.#link, sink), signal);
  }

  #register(iteration: RemoteJob): number {
    const job = ++this.#lastJob;
    this.#jobs.set(job, new WeakRef(iteration));
    this.#droppedJobs.register(iteration, job);
    return job;
  }

  #unregister(job: number): void {
    this.#jobs.delete(job);
  }

  /** The leak detector recovers the job's permits and frames. */
  #stop(job: number): void {
    if (this.#jobs.delete(job)) this.#post({ kind: 'stop', job });
  }

  #post(message: ToWorker): void {
    if (this.#gone === null) this.#side.post(message);
  }
}

const timing = ({ starvationMs = DEFAULT_STARVATION_MS }: FrameAtOptions): { starvationMs: number } => ({
  starvationMs: requireDelay('starvationMs', starvationMs),
});
