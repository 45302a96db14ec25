/**
 * The player's core: a clock, a reader and a pool; no page.
 *
 * Between two frames the player holds at most the one that is due next. The screen keeps pixels, not frames, so a pool of
 * one slot is enough to play. The reader stays the caller's.
 */
import type { FrameHandle, VideoFramePool } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import { WallClock } from './clock.ts';
import { runFrames, runUnseen } from './frame-run.ts';
import { VolumeControl } from './volume.ts';
import type { Playable, PlayableEvents, PlayState, Range, Seekable } from './playable.ts';
import { FramePresenter } from './frame-presenter.ts';
import { SoundClock } from './sound-clock.ts';
import type { SoundTrack } from './sound-track.ts';
import { FrameStepper } from './frame-stepper.ts';

/** What the player tells, and what it asks of the page. */
export interface PlayerEvents extends PlayableEvents {
  /** Resolves with the page's time in ms when it is ready for the next picture; not while it is hidden. */
  nextPaint(signal: AbortSignal): Promise<number>;
}

/** The slowest and the fastest pace. */
const RATES = [0.25, 4] as const;

export class Player implements Playable, Seekable {
  readonly #events: PlayerEvents;
  readonly #loudness: VolumeControl;
  readonly #projector: FramePresenter;
  readonly #steps: FrameStepper;
  #loops = false;
  #range: Range | null = null;
  #droppedCount = 0;
  #isHidden = false;
  /** Where the clock was when the page went out of sight, in µs. */
  #hiddenAt = 0;
  /** What runs is heard alone. */
  #isUnseen = false;
  #wantedTime: number | null = null;
  #seeking: Promise<void> | null = null;
  /** Counts up with each `load()` and `unload()`. */
  #turn = 0;

  constructor(pool: VideoFramePool, events: PlayerEvents, loudness = new VolumeControl(events.change)) {
    this.#events = events;
    this.#loudness = loudness;
    this.#projector = new FramePresenter(pool, events, () => this.play());
    this.#steps = new FrameStepper(this.#projector, {
      stand: async () => {
        this.pause();
        await this.#seeking;
      },
      seek: (time) => this.seek(time),
    });
  }

  /** While it is sought in, what it will do when it is there. */
  get state(): PlayState {
    return this.#projector.state;
  }

  get position(): number {
    return this.#projector.position;
  }

  get seekable(): Seekable | null {
    return this.#projector.reader === null ? null : this;
  }

  get start(): number {
    return this.#projector.start;
  }

  get end(): number {
    return this.#projector.end;
  }

  get rate(): number {
    return this.#projector.clock.rate;
  }

  set rate(rate: number) {
    this.#projector.clock.rate = Math.min(Math.max(RATES[0], rate), RATES[1]);
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
    if (this.state === 'playing') this.#begin();
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
    if (isHidden === this.#isHidden) return;
    this.#isHidden = isHidden;
    if (this.state !== 'playing' || this.#seeking !== null) return;
    const { clock } = this.#projector;
    const now = performance.now();
    if (this.#isUnseen || (isHidden && clock.isHeard)) this.#run(null, true);
    else if (isHidden) {
      this.#hiddenAt = clock.at(now);
      clock.hold(now);
    } else clock.start(this.#hiddenAt, now);
  }

  /** Shows a reader's first frame, unless another `load()` or an `unload()` comes meanwhile. */
  async load(reader: VideoReader): Promise<void> {
    this.unload();
    const turn = this.#turn;
    await this.#seeking;
    if (turn !== this.#turn) return;
    this.#projector.reader = reader;
    this.#projector.enter('paused');
    await this.seek(this.start);
  }

  /** Leaves the reader; nothing of it stays lent. */
  unload(): void {
    this.#turn++;
    this.#projector.reader = null;
    this.#wantedTime = null;
    this.#range = null;
    this.#droppedCount = 0;
    this.#projector.halt();
    this.#projector.clock = new WallClock();
    this.#loudness.show();
    this.#projector.enter('empty');
  }

  /** From here on the video is played with its sound, which is the clock. The track stays the caller's, until `unload()`. */
  hear(track: SoundTrack): void {
    this.#loudness.show(track);
    if (track.state !== 'on') return;
    this.#projector.clock = new SoundClock(track, this.#loudness);
    if (this.state === 'playing') this.#begin();
  }

  /** Goes on where it is, with another reader of the same video. Resolves when the one before is not read any more. */
  async exchange(reader: VideoReader): Promise<void> {
    this.#projector.reader = reader;
    if (this.state === 'playing') {
      this.#begin();
    } else if (this.state !== 'starved' && this.#seeking === null) {
      // A step may be on its way. Who waits for a slot reads nothing, and goes on with the new one.
      this.#projector.halt();
    }
    await this.#seeking;
  }

  play(): void {
    if (this.seekable === null || this.state === 'playing') return;
    const from = this.state === 'ended' ? this.#first : this.position;
    this.#projector.enter('playing');
    this.#begin(from);
  }

  pause(): void {
    if (this.state !== 'playing' && this.state !== 'starved') return;
    if (this.#seeking === null) this.#projector.halt();
    this.#projector.enter('paused');
  }

  /** Shows the frame at a time. Of many wishes only the newest is fulfilled; a player that played plays on from there. */
  seek(time: number): Promise<void> {
    if (this.seekable === null) return Promise.resolve();
    this.#wantedTime = time;
    this.#seeking ??= this.#seekToWanted();
    return this.#seeking;
  }

  step(direction: 1 | -1): Promise<void> {
    return this.#steps.add(direction);
  }

  showAgain(): void {
    void this.seek(this.position);
  }

  async #seekToWanted(): Promise<void> {
    const projector = this.#projector;
    const signal = projector.halt();
    if (this.state !== 'playing') projector.enter('paused');
    try {
      do {
        const time = this.#wantedTime ?? this.position;
        this.#wantedTime = null;
        await projector.attempt(signal, () => projector.showAt(time, signal));
      } while (this.#wantedTime !== null && !signal.aborted);
    } finally {
      // In this very moment: a wish that comes from here on is another seek.
      this.#seeking = null;
    }
    if (!signal.aborted && this.state === 'playing') this.#begin();
  }

  /** Where playing begins. */
  get #first(): number {
    return this.#range?.from ?? this.start;
  }

  /** Plays from a time, unless it is being sought in: then it plays from there, when it is there. */
  #begin(from = this.position): void {
    if (this.#seeking !== null) return;
    const { isHeard } = this.#projector.clock;
    const isWithin = from >= this.#first && from < (this.#range?.to ?? Infinity);
    this.#projector.halt();
    this.#run(isWithin ? from : this.#first, isHeard);
  }

  /** Plays on from a time; null where the clock runs already. Unseen, only what was heard goes on. */
  #run(from: number | null, isHeard: boolean): void {
    const projector = this.#projector;
    const signal = projector.renew();
    const to = this.#range?.to ?? Infinity;
    const { clock } = projector;
    const isUnseen = this.#isHidden && isHeard;
    this.#isUnseen = isUnseen;
    const work = async (): Promise<void> => {
      if (isUnseen) {
        const end = Math.min(to, this.end);
        await runUnseen({ clock, from, signal }, end);
        // Who comes back to what has ended sees its last frame.
        if (!this.#loops) await projector.showAt(end - 1, signal);
        return;
      }
      await runFrames({
        clock,
        from,
        signal,
        frames: (start) => projector.frames(signal, start, to),
        nextPaint: this.#events.nextPaint,
        show: (handle: FrameHandle) => projector.show(handle),
        drop: () => this.#droppedCount++,
      });
    };
    void projector.attempt(signal, work).then((isFinished) => {
      if (isFinished && !signal.aborted) this.#end();
    });
  }

  #end(): void {
    if (this.#loops) {
      this.#begin(this.#first);
      return;
    }
    this.#projector.halt();
    this.#projector.enter('ended');
  }
}
