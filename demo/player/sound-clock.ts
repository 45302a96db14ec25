/**
 * Sound clock: the audible position determines the frame that is due.
 *
 *   pieces() ──▶ source, started at its time ──▶ gain ──▶ destination     media time = base + audible time since
 *      │               └─ ended, or stopped: disconnected
 *      └─ at most a second ahead: the next piece is decoded when a source has ended
 *
 * While the browser does not let the audio context run (no user activation yet, no audio device), a wall clock takes
 * over. Each start, rate change and end stops every source, and sets a new anchor between video and sound.
 */
import type { MediaClock } from './clock.ts';
import { WallClock } from './clock.ts';
import type { VolumeControl } from './volume.ts';
import { Feed } from './sound-feed.ts';
import type { SoundTrack } from './sound-track.ts';

/** µs in a second, which is Web Audio's unit. */
const SECOND = 1_000_000;

/** Maximum wait of a start for a running audio context, in ms. */
const GRACE_MS = 400;

/** Lead time before the first frame is due, in seconds of the page, in which the first sound is decoded. */
const LEAD = 0.1;

/** Time without progress after which a device counts as stuck, in ms. */
const STUCK_MS = 1000;

/** Corresponding times of video and sound. */
interface Anchor {
  /** Media time of the sample that is output at `heard`, in µs. */
  readonly media: number;
  /** Time of the audio context, in seconds. */
  readonly heard: number;
}

export class SoundClock implements MediaClock {
  readonly #track: SoundTrack;
  readonly #wall = new WallClock();
  /** Created at the first start, which usually follows a user activation. */
  #context: AudioContext | null = null;
  #gain: GainNode | null = null;
  readonly #volume: VolumeControl;
  /** Null while the wall clock takes over, and while stopped. */
  #anchor: Anchor | null = null;
  #feed: Feed | null = null;
  #state: 'stopped' | 'running' | 'held' = 'stopped';
  /** Whether suspension was requested; the context may not have suspended yet. */
  #isSuspended = false;
  /** Context time of the last observed progress, in seconds, and the page time then, in ms. */
  #progress = { context: 0, page: 0 };

  constructor(track: SoundTrack, volume: VolumeControl) {
    this.#track = track;
    this.#volume = volume;
  }

  get rate(): number {
    return this.#wall.rate;
  }

  set rate(rate: number) {
    const now = performance.now();
    const media = this.at(now);
    this.#silence();
    this.#wall.rate = rate;
    if (this.#state === 'running') this.#run(media, media, now);
  }

  get isAudible(): boolean {
    return this.#anchor !== null;
  }

  async ready(signal: AbortSignal): Promise<void> {
    const context = this.#open();
    if (context.state === 'running' && !this.#isSuspended) return;
    this.#isSuspended = false;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, GRACE_MS);
      signal.addEventListener('abort', done);
      // `resume()` may reject, or never settle.
      context.resume().then(done, done);
    });
    signal.throwIfAborted();
  }

  start(media: number, now: number): void {
    this.#silence();
    this.#state = 'running';
    this.#run(media - LEAD * SECOND * this.rate, media, now);
  }

  at(now: number): number {
    const context = this.#context;
    if (context === null || this.#anchor === null) return this.#wall.at(now);
    const { media, heard } = this.#anchor;
    if (this.#isStuck(context, now)) {
      this.#wall.start(this.#wall.at(this.#progress.page), now);
      this.#silence();
      return this.#wall.at(now);
    }
    return media + (context.currentTime - latencyOf(context) - heard) * SECOND * this.rate;
  }

  hold(now: number): void {
    if (this.#state !== 'running') return;
    this.#wall.start(this.at(now), now);
    this.#wall.hold(now);
    this.#silence();
    this.#state = 'held';
  }

  resume(now: number): void {
    if (this.#state !== 'held') return;
    this.#state = 'running';
    const media = this.#wall.at(now);
    this.#run(media, media, now);
  }

  stop(): void {
    this.#silence();
    this.#wall.stop();
    this.#state = 'stopped';
  }

  suspend(): void {
    if (this.#context === null || this.#isSuspended) return;
    this.#isSuspended = true;
    void this.#context.suspend();
  }

  close(): void {
    this.stop();
    if (this.#context !== null) {
      this.#volume.setGain(null);
      void this.#context.close();
    }
    this.#context = null;
  }

  /** Runs from a media time; the sound starts at `from`. */
  #run(media: number, from: number, now: number): void {
    this.#wall.start(media, now);
    const context = this.#context;
    if (context?.state !== 'running' || this.#gain === null) return;
    // A sample that is output now is heard after the latency, so the anchor is that much ahead.
    const ahead = media + latencyOf(context) * SECOND * this.rate;
    this.#anchor = { media: ahead, heard: context.currentTime };
    this.#progress = { context: context.currentTime, page: now };
    this.#feed = new Feed({ track: this.#track, gain: this.#gain, rate: this.rate, from, ...this.#anchor });
  }

  /** Some devices report that they run, but do not. */
  #isStuck({ currentTime }: AudioContext, now: number): boolean {
    if (currentTime !== this.#progress.context) this.#progress = { context: currentTime, page: now };
    return now - this.#progress.page > STUCK_MS;
  }

  #silence(): void {
    this.#feed?.stop();
    this.#feed = null;
    this.#anchor = null;
  }

  #open(): AudioContext {
    if (this.#context !== null) return this.#context;
    // At the video's own sample rate no piece is resampled, and there is no seam between two.
    const context = new AudioContext({ sampleRate: this.#track.sampleRate });
    this.#gain = context.createGain();
    this.#gain.connect(context.destination);
    this.#volume.setGain(this.#gain.gain);
    context.addEventListener('statechange', () => this.#onChange(context));
    this.#context = context;
    return context;
  }

  /** The context started or stopped running: the other clock continues from the current media time. */
  #onChange(context: AudioContext): void {
    if (context !== this.#context || this.#state !== 'running') return;
    const now = performance.now();
    const isRunning = context.state === 'running';
    if (isRunning === this.isAudible) return;
    const media = this.at(now);
    this.#silence();
    this.#run(media, media, now);
  }
}

/** Output latency in seconds. A boundary: not every engine reports it, contrary to the types. */
const latencyOf = ({ outputLatency }: AudioContext): number => (outputLatency as number | undefined) ?? 0;
