/** What `decodeFrames()` gives: pulls chunks through a decoder as frames are asked for. */
import { notSupported } from '../errors.ts';
import type { DecodedStorage } from '../pool/decoded.ts';
import type { FrameHandle } from '../pool/handle.ts';
import type { DecodeFramesOptions } from './decode-frames.ts';
import type { FlowOptions } from './flow-options.ts';
import { DecodeFlow } from './flow.ts';

/** What every flow of an iteration has in common. */
export type FlowSettings = Pick<FlowOptions, 'core' | 'config' | 'decoder' | 'starvationMs' | 'holder'>;

/** A codec that is taken away so often without giving a frame in between is given up. */
const MAX_FRUITLESS_RESTARTS = 3;

type Result = IteratorResult<FrameHandle<DecodedStorage>, undefined>;

/** What the iterator comes to: it runs, it has an error to tell after the frames that are ready, or it is over. */
type Outcome = { kind: 'running' } | { kind: 'failed'; error: unknown } | { kind: 'over' };

const END: Result = { done: true, value: undefined };

/**
 * Written by hand: an `async function*` queues `return()` behind a pending `next()`, and hangs.
 *
 * It asks the pool for a permit only while somebody asks it for a frame. So an iterator that was dropped stands in no
 * queue, nothing refers to it, and the net brings its permits and frames back.
 */
export class FrameIterator implements AsyncIterableIterator<FrameHandle<DecodedStorage>, undefined> {
  readonly #settings: FlowSettings;
  readonly #options: DecodeFramesOptions;
  readonly #onAbort: (() => void) | null = null;
  #source: AsyncIterator<EncodedVideoChunk>;
  #flow: DecodeFlow | null = null;
  /** A chunk that was read and has no ticket yet. */
  #chunk: EncodedVideoChunk | null = null;
  #ready: FrameHandle<DecodedStorage>[] = [];
  #waiting: { resolve(result: Result): void; reject(error: unknown): void }[] = [];
  #outcome: Outcome = { kind: 'running' };
  #pumping = false;
  #lag: number;
  #from: number;
  #firstFed: number | null = null;
  #lastOut: number | null = null;
  #fruitless = 0;

  constructor(
    chunks: AsyncIterable<EncodedVideoChunk>,
    settings: FlowSettings,
    options: DecodeFramesOptions,
  ) {
    this.#settings = settings;
    this.#options = options;
    this.#lag = options.lag ?? 0;
    this.#from = typeof options.from === 'number' ? options.from : -Infinity;
    this.#source = chunks[Symbol.asyncIterator]();
    const { signal } = options;
    if (signal === undefined) return;
    if (signal.aborted) {
      this.#abort(signal.reason);
      return;
    }
    // Weakly: an app keeps its AbortController, and an iterator that it dropped must not live on through that.
    const weak = new WeakRef(this);
    this.#onAbort = () => {
      const iterator = weak.deref();
      if (iterator !== undefined) iterator.#abort(signal.reason);
    };
    signal.addEventListener('abort', this.#onAbort);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Result> {
    const handle = this.#ready.shift();
    if (handle !== undefined) {
      if (this.#outcome.kind === 'over' && this.#ready.length === 0) this.#stopListening();
      this.#pump();
      return Promise.resolve({ done: false, value: handle });
    }
    if (this.#outcome.kind === 'failed') {
      const { error } = this.#outcome;
      this.#outcome = { kind: 'over' };
      this.#stopListening();
      return Promise.reject(error as Error);
    }
    if (this.#outcome.kind === 'over') return Promise.resolve(END);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#flow?.watch();
      this.#pump();
    });
  }

  return(): Promise<Result> {
    this.#end({ kind: 'over' });
    return Promise.resolve(END);
  }

  throw(error: unknown): Promise<Result> {
    this.#end({ kind: 'over' });
    return Promise.reject(error as Error);
  }

  #pump(): void {
    if (this.#pumping || this.#outcome.kind !== 'running') return;
    this.#pumping = true;
    void this.#pumpOnce();
  }

  async #pumpOnce(): Promise<void> {
    let flow = this.#flow;
    try {
      flow ??= await this.#open();
      await this.#run(flow);
    } catch (error) {
      // What a flow says that was replaced meanwhile is no news.
      if (flow === this.#flow) this.#onError(error, false);
    }
    // When the codec was replaced, another pump is at work.
    if (flow !== this.#flow) return;
    this.#pumping = false;
    // A wait may have begun while this was on its way out.
    if (this.#waiting.length > 0) this.#pump();
  }

  /** Feeds the decoder until there is nothing to feed, or nobody waits and no permit is free. */
  async #run(flow: DecodeFlow): Promise<void> {
    while (this.#flow === flow && this.#outcome.kind === 'running') {
      if (this.#chunk === null) {
        const { done, value } = await this.#read(flow);
        if (this.#flow !== flow) break;
        if (done === true) {
          await flow.flush();
          if (this.#flow === flow) this.#end({ kind: 'over' }, true);
          break;
        }
        this.#chunk = value;
        this.#firstFed ??= value.timestamp;
      }
      let ticket = flow.tryAdmit(this.#chunk.timestamp, this.#waiting.length === 0);
      if (ticket === null) {
        if (this.#waiting.length === 0) break;
        ticket = await flow.admit(this.#chunk.timestamp);
        if (ticket === null) continue;
      }
      const chunk: EncodedVideoChunk = this.#chunk;
      this.#chunk = null;
      flow.feed(chunk, ticket);
    }
  }

  /** The next chunk. A source that fails ends the iteration after the good frames before that, also those inside. */
  async #read(flow: DecodeFlow): Promise<IteratorResult<EncodedVideoChunk>> {
    try {
      return await this.#source.next();
    } catch (error) {
      if (this.#flow === flow) await flow.flush().catch(() => {});
      throw error;
    }
  }

  async #open(): Promise<DecodeFlow> {
    const { decoder, config } = this.#settings;
    const { from } = this.#options;
    const { supported } = await decoder.isConfigSupported(config);
    if (typeof from === 'function') this.#from = await from();
    if (supported !== true) throw notSupported(`this browser cannot decode "${config.codec}"`);
    if (this.#outcome.kind !== 'running') throw new Error('ended while opening');
    // Kept at once, in the same step as the question whether all has ended: what ends it later must find the decoder.
    this.#flow = this.#newFlow();
    return this.#flow;
  }

  #newFlow(): DecodeFlow {
    const lastOut = this.#lastOut;
    const from = lastOut === null ? this.#from : Math.max(this.#from, lastOut + 1);
    return new DecodeFlow({
      ...this.#settings,
      lag: this.#lag,
      from,
      to: this.#options.to ?? Infinity,
      past: () => this.#end({ kind: 'over' }, true),
      output: (handle) => this.#onFrame(handle),
      error: (error, reclaimed) => this.#onError(error, reclaimed),
      isAwaited: () => this.#waiting.length > 0,
      permitsStarve: true,
      isForgettable: true,
    });
  }

  #onFrame(handle: FrameHandle<DecodedStorage>): void {
    this.#lastOut = handle.timestamp;
    this.#fruitless = 0;
    const asker = this.#waiting.shift();
    if (asker === undefined) {
      this.#ready.push(handle);
    } else {
      if (this.#waiting.length === 0) this.#flow?.stopWaiting();
      asker.resolve({ done: false, value: handle });
    }
    // Last, for it calls the app, which may throw.
    this.#noteLag();
  }

  #noteLag(): void {
    const lag = this.#flow?.lag ?? this.#lag;
    if (lag === this.#lag) return;
    this.#lag = lag;
    this.#options.onLag?.(lag);
  }

  #onError(error: unknown, reclaimed: boolean): void {
    if (this.#outcome.kind !== 'running') return;
    const { restart } = this.#options;
    if (reclaimed && restart !== undefined && this.#fruitless < MAX_FRUITLESS_RESTARTS) {
      this.#fruitless++;
      this.#chunk = null;
      this.#dismissSource();
      try {
        this.#source = restart(this.#lastOut ?? this.#firstFed ?? this.#from)[Symbol.asyncIterator]();
        if (this.#outcome.kind !== 'running') {
          this.#dismissSource();
          return;
        }
        this.#flow = this.#newFlow();
        // The pump of the flow before may hang on a chunk that never comes.
        this.#pumping = false;
        if (this.#waiting.length > 0) this.#pump();
        return;
      } catch (cause) {
        this.#end({ kind: 'failed', error: cause }, true);
        return;
      }
    }
    this.#end({ kind: 'failed', error }, true);
  }

  #abort(reason: unknown): void {
    if (this.#outcome.kind === 'running' || this.#ready.length > 0)
      this.#end({ kind: 'failed', error: reason });
  }

  /** Ends everything, once; `keepReady` leaves the frames that are ready to be taken. */
  #end(outcome: Outcome, keepReady = false): void {
    const wasRunning = this.#outcome.kind === 'running';
    if (wasRunning || !keepReady) this.#outcome = outcome;
    if (!keepReady || this.#ready.length === 0) this.#stopListening();
    if (wasRunning) {
      const flow = this.#flow;
      this.#flow = null;
      this.#chunk = null;
      flow?.close();
      this.#dismissSource();
    }
    if (!keepReady) for (const handle of this.#ready.splice(0)) handle.release();
    for (const asker of this.#waiting.splice(0)) {
      if (this.#outcome.kind === 'failed') {
        asker.reject(this.#outcome.error);
        this.#outcome = { kind: 'over' };
      } else {
        asker.resolve(END);
      }
    }
  }

  #stopListening(): void {
    if (this.#onAbort !== null) this.#options.signal?.removeEventListener('abort', this.#onAbort);
  }

  /** Tells the source that nothing more is wanted; it may be busy, so nobody waits for it. */
  #dismissSource(): void {
    const source = this.#source;
    const dismiss = async (): Promise<void> => void (await source.return?.());
    dismiss().catch(() => {});
  }
}
