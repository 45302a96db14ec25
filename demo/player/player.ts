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
import { runFrames, runUnseen } from './frame-run.ts';
import { Loudness } from './loudness.ts';
import type { Playable, PlayableEvents, PlayState, Range, Seekable } from './playable.ts';
import { STARVATION_MS } from './playable.ts';
import { SoundClock } from './sound-clock.ts';
import type { SoundTrack } from './sound-track.ts';

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
  readonly #loudness: Loudness;
  #clock: MediaClock = new WallClock();
  #reader: VideoReader | null = null;
  /** While it is sought in, what it will do when it is there. */
  #state: PlayState = 'empty';
  /** The time of the frame that is on the screen, in µs. */
  #position = 0;
  #loops = false;
  #range: Range | null = null;
  #droppedCount = 0;
  #isHidden = false;
  /** What runs is heard alone. */
  #isUnseen = false;
  /** Ends what is running: a run of frames, a step or a seek. */
  #stop = new AbortController();
  #wantedTime: number | null = null;
  /** In the order in which they were wished for. */
  readonly #steps: (1 | -1)[] = [];
  #stepping: Promise<void> | null = null;
  #seeking: Promise<void> | null = null;
  /** Counts up with each `load()` and `unload()`. */
  #turn = 0;

  constructor(pool: VideoFramePool, events: PlayerEvents, loudness = new Loudness(events.change)) {
    this.#pool = pool;
    this.#events = events;
    this.#loudness = loudness;
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

  /** The page is out of sight: what is heard goes on, and what is only seen stands. */
  get isHidden(): boolean {
    return this.#isHidden;
  }

  set isHidden(isHidden: boolean) {
    this.#isHidden = isHidden;
    if (this.#state !== 'playing' || this.#seeking !== null) return;
    const now = performance.now();
    if (this.#isUnseen || (isHidden && this.#clock.isHeard)) this.#run(null, true);
    else if (isHidden) this.#clock.hold(now);
    else this.#clock.resume(now);
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
    this.#keepTime(new WallClock());
    this.#loudness.show();
    this.#position = 0;
    this.#enter('empty');
  }

  /** From here on the film is played with its sound, which is the clock. The track stays the caller's, until `unload()`. */
  hear(track: SoundTrack): void {
    this.#loudness.show(track);
    if (track.state !== 'on') return;
    this.#keepTime(new SoundClock(track, this.#loudness));
    if (this.#state === 'playing') this.#begin();
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
    if (this.#reader === null) return Promise.resolve();
    this.#wantedTime = time;
    this.#seeking ??= this.#seekToWanted();
    return this.#seeking;
  }

  showAgain(): void {
    void this.seek(this.#position);
  }

  /** Of wishes that come while it goes, each is fulfilled. Before the first frame and after the last there is nowhere to go. */
  step(direction: 1 | -1): Promise<void> {
    this.#steps.push(direction);
    this.#stepping ??= this.#stepAsWanted().finally(() => {
      this.#stepping = null;
      this.#steps.length = 0;
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
    while (this.#steps.length > 0 && !signal.aborted) {
      if (this.#steps[0] === -1) {
        this.#steps.shift();
        const back = this.seek(Math.max(this.start, this.#position - 1));
        ({ signal } = this.#stop);
        await back;
      } else {
        await this.#guard(signal, () => this.#stepForward(signal));
      }
    }
  }

  /** Goes forward for as long as that is what is wanted next, in one iteration. */
  async #stepForward(signal: AbortSignal): Promise<void> {
    const here = this.#position;
    for await (const handle of this.#frames(signal, here)) {
      if (handle.timestamp > here) {
        this.#steps.shift();
        this.#show(handle);
      }
      handle.release();
      if (this.#steps[0] !== 1) return;
    }
    // There is nowhere to go: those that wait are over.
    while (this.#steps[0] === 1) this.#steps.shift();
  }

  async #seekToWanted(): Promise<void> {
    this.#halt();
    const { signal } = this.#stop;
    if (this.#state !== 'playing') this.#enter('paused');
    try {
      do {
        const time = this.#wantedTime ?? this.#position;
        this.#wantedTime = null;
        await this.#guard(signal, () => this.#showAt(time, signal));
      } while (this.#wantedTime !== null && !signal.aborted);
    } finally {
      // In this very moment: a wish that comes from here on is another seek.
      this.#seeking = null;
    }
    if (!signal.aborted && this.#state === 'playing') this.#begin();
  }

  /** Plays from a time, unless it is being sought in: then it plays from there, when it is there. */
  #begin(from = this.#position): void {
    if (this.#seeking !== null) return;
    const { isHeard } = this.#clock;
    const { from: first, to } = this.#range ?? { from: this.start, to: Infinity };
    this.#halt();
    this.#run(from >= first && from < to ? from : first, isHeard);
  }

  /** Plays on from a time; null where the clock runs already. Unseen, only what was heard goes on. */
  #run(from: number | null, isHeard: boolean): void {
    const signal = this.#renew();
    const to = this.#range?.to ?? Infinity;
    const run = {
      clock: this.#clock,
      from,
      to,
      signal,
      frames: (start: number) => this.#frames(signal, start, to),
      nextPaint: this.#events.nextPaint,
      show: (handle: FrameHandle) => this.#show(handle),
      drop: () => this.#droppedCount++,
    };
    const isUnseen = this.#isHidden && isHeard;
    this.#isUnseen = isUnseen;
    void this.#guard(signal, async () => {
      if (!isUnseen) return runFrames(run);
      const end = Math.min(to, this.end);
      await runUnseen({ ...run, to: end });
      // Who comes back to what has ended sees its last frame.
      if (!this.#loops) await this.#showAt(end - 1, signal);
    }).then((isFinished) => {
      if (!isFinished || signal.aborted) return;
      if (this.#loops) {
        this.#begin(this.#first);
        return;
      }
      this.#halt();
      this.#enter('ended');
    });
  }

  async #showAt(time: number, signal: AbortSignal): Promise<void> {
    const handle = await this.#reader?.frameAt(time, this.#where(signal));
    if (handle !== undefined) this.#show(handle);
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

  /** Ends what is running, and what is heard. */
  #halt(): void {
    this.#clock.stop();
    this.#renew();
  }

  /** Ends what is running, and gives the signal of what comes next. */
  #renew(): AbortSignal {
    this.#stop.abort();
    this.#stop = new AbortController();
    return this.#stop.signal;
  }

  #keepTime(clock: MediaClock): void {
    clock.rate = this.#clock.rate;
    this.#clock.close();
    this.#clock = clock;
  }

  #enter(state: PlayState): void {
    this.#state = state;
    if (state !== 'playing') this.#clock.rest();
    this.#events.change();
  }
}
