/**
 * The player's core: a clock, a reader and a pool; no page.
 *
 * Who owns each frame: the iteration or `frameAt()` hands a handle to `#show()`, which lends it to the screen for one call
 * and releases it. Between two frames the player holds at most the one that is due next. The screen keeps pixels, not
 * frames, so a pool of one slot is enough to play. The reader stays the caller's.
 */
import type { FrameHandle, VideoFramePool } from '../../src/index.ts';
import { PoolStarvedError } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import type { MediaClock } from './clock.ts';
import { WallClock } from './clock.ts';
import { runFrames } from './frame-run.ts';
import type { Playable, PlayableEvents, PlayState, Range, Seekable } from './playable.ts';
import { STARVATION_MS } from './playable.ts';

/** What the player tells, and what it asks of the page. */
export interface PlayerEvents extends PlayableEvents {
  /** Resolves with the page's time in ms when it is ready for the next picture; not while it is hidden. */
  nextPaint(signal: AbortSignal): Promise<number>;
}

/** The slowest and the fastest pace. */
const RATES = [0.25, 4] as const;

/** How frames are asked for. */
interface Where {
  readonly pool: VideoFramePool;
  readonly signal: AbortSignal;
  readonly holder: string;
  readonly starvationMs: number;
}

export class Player implements Playable, Seekable {
  readonly #pool: VideoFramePool;
  readonly #events: PlayerEvents;
  #clock: MediaClock = new WallClock();
  #reader: VideoReader | null = null;
  /** While it is sought in, what it will do when it is there. */
  #state: PlayState = 'empty';
  /** The time of the frame that is on the screen, in µs. */
  #position = 0;
  #loops = false;
  #range: Range | null = null;
  #droppedCount = 0;
  /** Ends what is running: a run of frames, a step or a seek. */
  #stop = new AbortController();
  #wantedTime: number | null = null;
  #wantedSteps = 0;
  #stepping: Promise<void> | null = null;
  #seeking: Promise<void> | null = null;
  /** Counts up with each `load()` and `unload()`. */
  #turn = 0;

  constructor(pool: VideoFramePool, events: PlayerEvents) {
    this.#pool = pool;
    this.#events = events;
  }

  get state(): PlayState {
    return this.#state;
  }

  get position(): number {
    return this.#position;
  }

  get seekable(): Seekable | null {
    return this.#reader === null ? null : this;
  }

  /** When the first frame begins that is meant to be shown: an edit list may have cut those before 0 off. */
  get start(): number {
    return Math.max(0, this.#reader?.firstTimestamp ?? 0);
  }

  get end(): number {
    return this.#reader?.duration ?? 0;
  }

  get rate(): number {
    return this.#clock.rate;
  }

  set rate(rate: number) {
    this.#clock.rate = Math.min(Math.max(RATES[0], rate), RATES[1]);
    this.#events.change();
  }

  get loops(): boolean {
    return this.#loops;
  }

  set loops(loops: boolean) {
    this.#loops = loops;
    this.#events.change();
  }

  get range(): Range | null {
    return this.#range;
  }

  set range(range: Range | null) {
    this.#range = range;
    // What is playing was told another end.
    if (this.#state === 'playing') this.#begin();
    this.#events.change();
  }

  get droppedCount(): number {
    return this.#droppedCount;
  }

  /** Shows a reader's first frame, unless another `load()` or an `unload()` comes meanwhile. */
  async load(reader: VideoReader): Promise<void> {
    this.unload();
    const turn = this.#turn;
    await this.#seeking;
    if (turn !== this.#turn) return;
    this.#reader = reader;
    this.#enter('paused');
    await this.seek(this.start);
  }

  /** Leaves the reader; nothing of it stays lent. */
  unload(): void {
    this.#turn++;
    this.#reader = null;
    this.#wantedTime = null;
    this.#range = null;
    this.#droppedCount = 0;
    this.#halt();
    this.#position = 0;
    this.#enter('empty');
  }

  /** Goes on where it is, with another reader of the same film. Resolves when the one before is not read any more. */
  async exchange(reader: VideoReader): Promise<void> {
    this.#reader = reader;
    if (this.#state === 'playing') {
      this.#begin();
    } else if (this.#state !== 'starved' && this.#seeking === null) {
      // A step may be on its way. Who waits for a slot reads nothing, and goes on with the new one.
      this.#halt();
    }
    await this.#seeking;
  }

  play(): void {
    if (this.#reader === null || this.#state === 'playing') return;
    const from = this.#state === 'ended' ? this.#first : this.#position;
    this.#enter('playing');
    this.#begin(from);
  }

  pause(): void {
    if (this.#state !== 'playing' && this.#state !== 'starved') return;
    if (this.#seeking === null) this.#halt();
    this.#enter('paused');
  }

  /** Shows the frame at a time. Of many wishes only the newest is fulfilled; a player that played plays on from there. */
  seek(time: number): Promise<void> {
    this.#wantedTime = time;
    this.#seeking ??= this.#seekToWanted().finally(() => {
      this.#seeking = null;
    });
    return this.#seeking;
  }

  showAgain(): void {
    void this.seek(this.#position);
  }

  /** Of wishes that come while it goes, each is fulfilled. Before the first frame and after the last there is nowhere to go. */
  step(direction: 1 | -1): Promise<void> {
    this.#wantedSteps += direction;
    this.#stepping ??= this.#stepAsWanted().finally(() => {
      this.#stepping = null;
      this.#wantedSteps = 0;
    });
    return this.#stepping;
  }

  async #stepAsWanted(): Promise<void> {
    this.pause();
    await this.#seeking;
    if (this.#reader === null) return;
    this.#halt();
    this.#enter('paused');
    let { signal } = this.#stop;
    while (this.#wantedSteps !== 0 && !signal.aborted) {
      if (this.#wantedSteps < 0) {
        this.#wantedSteps++;
        const back = this.seek(Math.max(this.start, this.#position - 1));
        ({ signal } = this.#stop);
        await back;
      } else {
        await this.#guard(signal, () => this.#stepForward(signal));
      }
    }
  }

  /** Goes forward for as long as that is wanted, in one iteration. */
  async #stepForward(signal: AbortSignal): Promise<void> {
    const here = this.#position;
    for await (const handle of this.#frames(signal, here)) {
      if (handle.timestamp > here) {
        this.#wantedSteps--;
        this.#show(handle);
      }
      handle.release();
      if (this.#wantedSteps <= 0) return;
    }
    this.#wantedSteps = 0;
  }

  async #seekToWanted(): Promise<void> {
    this.#halt();
    if (this.#reader === null) return;
    if (this.#state !== 'playing') this.#enter('paused');
    const { signal } = this.#stop;
    while (this.#wantedTime !== null && this.#reader !== null && !signal.aborted) {
      const reader: VideoReader = this.#reader;
      const time = this.#wantedTime;
      this.#wantedTime = null;
      await this.#guard(signal, async () => this.#show(await reader.frameAt(time, this.#where(signal))));
    }
    this.#seeking = null;
    if (!signal.aborted && this.#state === 'playing') this.#begin();
  }

  /** Plays from a time, unless it is being sought in: then it plays from there, when it is there. */
  #begin(from = this.#position): void {
    if (this.#seeking !== null) return;
    this.#halt();
    const { from: first, to } = this.#range ?? { from: this.start, to: Infinity };
    const isWithin = from >= first && from < to;
    void this.#run(isWithin ? from : first, to, this.#stop.signal);
  }

  async #run(from: number | null, to: number, signal: AbortSignal): Promise<void> {
    const finished = await this.#guard(signal, () =>
      runFrames({
        clock: this.#clock,
        from,
        to,
        signal,
        frames: (start) => this.#frames(signal, start, to),
        nextPaint: this.#events.nextPaint,
        show: (handle) => this.#show(handle),
        drop: () => this.#droppedCount++,
      }),
    );
    if (!finished || signal.aborted) return;
    if (this.#loops) {
      this.#begin(this.#first);
      return;
    }
    this.#halt();
    this.#enter('ended');
  }

  /** Where playing begins. */
  get #first(): number {
    return this.#range?.from ?? this.start;
  }

  #frames(signal: AbortSignal, from: number, to = Infinity): ReturnType<VideoReader['frames']> {
    if (this.#reader === null) throw new DOMException('nothing is open', 'InvalidStateError');
    return this.#reader.frames({ ...this.#where(signal), from, to });
  }

  #show(handle: FrameHandle): void {
    this.#position = handle.timestamp;
    this.#events.show(handle);
    handle.release();
    this.#events.change();
  }

  /** Runs work on frames, and says whether it came to its end. */
  async #guard(signal: AbortSignal, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      if (error instanceof PoolStarvedError) {
        void this.#waitForSlot(error, signal);
      } else {
        this.#enter('paused');
        this.#events.fail(error);
      }
      return false;
    }
  }

  /** Says who holds everything, waits until a slot is free, and plays on if it played. */
  async #waitForSlot(error: PoolStarvedError, signal: AbortSignal): Promise<void> {
    const resume = this.#state === 'playing';
    this.#enter('starved');
    this.#events.fail(error);
    try {
      (await this.#pool.reserve({ signal, holder: 'player' })).release();
    } catch {
      // Paused, sought or closed meanwhile: whoever did that has said what comes next.
      return;
    }
    this.#enter('paused');
    if (resume) this.play();
  }

  #where(signal: AbortSignal): Where {
    return { pool: this.#pool, signal, holder: 'player', starvationMs: STARVATION_MS };
  }

  #halt(): void {
    this.#clock.stop();
    this.#stop.abort();
    this.#stop = new AbortController();
  }

  #enter(state: PlayState): void {
    this.#state = state;
    this.#events.change();
  }
}
