/**
 * Player core: a clock, a reader and a pool, without a page.
 *
 * Between two frames the player holds at most the next one. The screen keeps pixels, not frames, so a pool with one
 * slot is enough to play. The caller owns the reader.
 */
import type { FrameHandle, VideoFramePool } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import { WallClock } from './clock.ts';
import { runFrames, runHidden } from './frame-run.ts';
import { VolumeControl } from './volume.ts';
import type { Playable, PlayableEvents, PlayState, Range, Seekable } from './playable.ts';
import { FramePresenter } from './frame-presenter.ts';
import { SoundClock } from './sound-clock.ts';
import type { SoundTrack } from './sound-track.ts';
import { FrameStepper } from './frame-stepper.ts';

/** Events of the player, and its timer. */
export interface PlayerEvents extends PlayableEvents {
  /** Resolves with the page's time in ms when the page can draw the next frame; pending while the page is hidden. */
  nextPaint(signal: AbortSignal): Promise<number>;
}

/** Minimum and maximum rate. */
const RATES = [0.25, 4] as const;

export class Player implements Playable, Seekable {
  readonly #events: PlayerEvents;
  readonly #volume: VolumeControl;
  readonly #presenter: FramePresenter;
  readonly #stepper: FrameStepper;
  #loops = false;
  #range: Range | null = null;
  #droppedCount = 0;
  #isHidden = false;
  /** Media time when the page was hidden, in µs. */
  #hiddenAt = 0;
  /** Whether the current run plays only sound. */
  #isSoundOnly = false;
  #wantedTime: number | null = null;
  #seeking: Promise<void> | null = null;
  /** Incremented by each `load()` and `unload()`. */
  #generation = 0;

  constructor(pool: VideoFramePool, events: PlayerEvents, volume = new VolumeControl(events.change)) {
    this.#events = events;
    this.#volume = volume;
    this.#presenter = new FramePresenter(pool, events, () => this.play());
    this.#stepper = new FrameStepper(this.#presenter, {
      pauseAndWait: async () => {
        this.pause();
        await this.#seeking;
      },
      seek: (time) => this.seek(time),
    });
  }

  /** During a seek, the state after the seek. */
  get state(): PlayState {
    return this.#presenter.state;
  }

  get position(): number {
    return this.#presenter.position;
  }

  get seekable(): Seekable | null {
    return this.#presenter.reader === null ? null : this;
  }

  get start(): number {
    return this.#presenter.start;
  }

  get end(): number {
    return this.#presenter.end;
  }

  get rate(): number {
    return this.#presenter.clock.rate;
  }

  set rate(rate: number) {
    this.#presenter.clock.rate = Math.min(Math.max(RATES[0], rate), RATES[1]);
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
    // The current run has the old end.
    if (this.state === 'playing') this.#startRun();
    this.#events.change();
  }

  get droppedCount(): number {
    return this.#droppedCount;
  }

  /** Whether the page is hidden. Sound continues; a silent video pauses. */
  get isHidden(): boolean {
    return this.#isHidden;
  }

  set isHidden(isHidden: boolean) {
    if (isHidden === this.#isHidden) return;
    this.#isHidden = isHidden;
    if (this.state !== 'playing' || this.#seeking !== null) return;
    const { clock } = this.#presenter;
    const now = performance.now();
    if (this.#isSoundOnly || (isHidden && clock.isAudible)) this.#run(null, true);
    else if (isHidden) {
      this.#hiddenAt = clock.at(now);
      clock.hold(now);
    } else clock.start(this.#hiddenAt, now);
  }

  /** Shows the first frame of a reader, unless another `load()` or an `unload()` follows meanwhile. */
  async load(reader: VideoReader): Promise<void> {
    this.unload();
    const generation = this.#generation;
    await this.#seeking;
    if (generation !== this.#generation) return;
    this.#presenter.reader = reader;
    this.#presenter.enter('paused');
    await this.seek(this.start);
  }

  /** Drops the reader. No frame of it stays lent. */
  unload(): void {
    this.#generation++;
    this.#presenter.reader = null;
    this.#wantedTime = null;
    this.#range = null;
    this.#droppedCount = 0;
    this.#presenter.halt();
    this.#presenter.clock = new WallClock();
    this.#volume.setSound();
    this.#presenter.enter('empty');
  }

  /**
   * Plays the video with its sound from now on, which becomes the clock. The caller owns the track and keeps it open
   * until `unload()`.
   */
  setSoundTrack(track: SoundTrack): void {
    this.#volume.setSound(track);
    if (track.state !== 'on') return;
    this.#presenter.clock = new SoundClock(track, this.#volume);
    if (this.state === 'playing') this.#startRun();
  }

  /** Continues with another reader of the same video. Resolves when the previous one is no longer read. */
  async switchReader(reader: VideoReader): Promise<void> {
    this.#presenter.reader = reader;
    if (this.state === 'playing') {
      this.#startRun();
    } else if (this.state !== 'starved' && this.#seeking === null) {
      // Ends a step that may be in progress. A player that waits for a slot reads nothing, and continues with the new
      // reader.
      this.#presenter.halt();
    }
    await this.#seeking;
  }

  play(): void {
    if (this.seekable === null || this.state === 'playing') return;
    const from = this.state === 'ended' ? this.#playFrom : this.position;
    this.#presenter.enter('playing');
    this.#startRun(from);
  }

  pause(): void {
    if (this.state !== 'playing' && this.state !== 'starved') return;
    if (this.#seeking === null) this.#presenter.halt();
    this.#presenter.enter('paused');
  }

  /**
   * Shows the frame at a time. Of several pending seeks only the newest is performed. A player that was playing
   * continues from there.
   */
  seek(time: number): Promise<void> {
    if (this.seekable === null) return Promise.resolve();
    this.#wantedTime = time;
    this.#seeking ??= this.#seekToWanted();
    return this.#seeking;
  }

  step(direction: 1 | -1): Promise<void> {
    return this.#stepper.add(direction);
  }

  showAgain(): void {
    void this.seek(this.position);
  }

  async #seekToWanted(): Promise<void> {
    const presenter = this.#presenter;
    const signal = presenter.halt();
    if (this.state !== 'playing') presenter.enter('paused');
    try {
      do {
        const time = this.#wantedTime ?? this.position;
        this.#wantedTime = null;
        await presenter.attempt(signal, () => presenter.showAt(time, signal));
      } while (this.#wantedTime !== null && !signal.aborted);
    } finally {
      // Reset synchronously: a request from here on is another seek.
      this.#seeking = null;
    }
    if (!signal.aborted && this.state === 'playing') this.#startRun();
  }

  /** Start of playback. */
  get #playFrom(): number {
    return this.#range?.from ?? this.start;
  }

  /** Plays from a time. During a seek it does nothing: playback starts when the seek is done. */
  #startRun(from = this.position): void {
    if (this.#seeking !== null) return;
    const { isAudible } = this.#presenter.clock;
    const isWithin = from >= this.#playFrom && from < (this.#range?.to ?? Infinity);
    this.#presenter.halt();
    this.#run(isWithin ? from : this.#playFrom, isAudible);
  }

  /**
   * Starts a run at a time; null if the clock already runs. While the page is hidden, only audible playback continues.
   */
  #run(from: number | null, isAudible: boolean): void {
    const presenter = this.#presenter;
    const signal = presenter.renew();
    const to = this.#range?.to ?? Infinity;
    const { clock } = presenter;
    const isSoundOnly = this.#isHidden && isAudible;
    this.#isSoundOnly = isSoundOnly;
    const work = async (): Promise<void> => {
      if (isSoundOnly) {
        const end = Math.min(to, this.end);
        await runHidden({ clock, from, signal }, end);
        // A user who returns after the end sees the last frame.
        if (!this.#loops) await presenter.showAt(end - 1, signal);
        return;
      }
      await runFrames({
        clock,
        from,
        signal,
        frames: (start) => presenter.frames(signal, start, to),
        nextPaint: this.#events.nextPaint,
        show: (handle: FrameHandle) => presenter.show(handle),
        drop: () => this.#droppedCount++,
      });
    };
    void presenter.attempt(signal, work).then((isFinished) => {
      if (isFinished && !signal.aborted) this.#end();
    });
  }

  #end(): void {
    if (this.#loops) {
      this.#startRun(this.#playFrom);
      return;
    }
    this.#presenter.halt();
    this.#presenter.enter('ended');
  }
}
