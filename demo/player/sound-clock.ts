/**
 * The sound as the clock: what is heard says which picture is due.
 *
 *   pieces() ──▶ source, started at its time ──▶ gain ──▶ destination     the video's time = base + what was heard since
 *      │               └─ ended, or stopped: disconnected
 *      └─ a second ahead, no more: the next is decoded when a source has ended
 *
 * While the browser does not let the sound run (nobody has touched the page yet, there is no device), a wall clock goes on
 * in its place. Each start, change of pace and end stops every source, and anchors video and sound anew.
 */
import type { MediaClock } from './clock.ts';
import { WallClock } from './clock.ts';
import type { VolumeControl } from './volume.ts';
import { Feed } from './sound-feed.ts';
import type { SoundTrack } from './sound-track.ts';

/** µs in a second, which is Web Audio's unit. */
const SECOND = 1_000_000;

/** How long a start may wait until the sound runs, in ms. */
const GRACE_MS = 400;

/** How long before the first picture is due, in seconds of the page: meanwhile the first sound is decoded. */
const LEAD = 0.1;

/** So long, in ms, and a device that does not move is given up. */
const STUCK_MS = 1000;

/** Where video and sound meet. */
interface Anchor {
  /** The video's time, in µs, of what is put out at `heard`. */
  readonly media: number;
  /** Time of the audio context, in seconds. */
  readonly heard: number;
}

export class SoundClock implements MediaClock {
  readonly #track: SoundTrack;
  readonly #wall = new WallClock();
  /** Made at the first start, for that is when somebody has touched the page. */
  #context: AudioContext | null = null;
  #gain: GainNode | null = null;
  readonly #loudness: VolumeControl;
  /** Null while the wall clock goes in its place, and while it stands. */
  #anchor: Anchor | null = null;
  #feed: Feed | null = null;
  #state: 'stopped' | 'running' | 'held' = 'stopped';
  /** The context was told to rest, though it may not have done so yet. */
  #isResting = false;
  /** The context's time when it was seen to move, in seconds, and the page's then, in ms. */
  #moved = { context: 0, page: 0 };

  constructor(track: SoundTrack, loudness: VolumeControl) {
    this.#track = track;
    this.#loudness = loudness;
  }

  get rate(): number {
    return this.#wall.rate;
  }

  set rate(rate: number) {
    const now = performance.now();
    const media = this.at(now);
    this.#silence();
    this.#wall.rate = rate;
    if (this.#state === 'running') this.#go(media, media, now);
  }

  get isHeard(): boolean {
    return this.#anchor !== null;
  }

  async ready(signal: AbortSignal): Promise<void> {
    const context = this.#open();
    if (context.state === 'running' && !this.#isResting) return;
    this.#isResting = false;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, GRACE_MS);
      signal.addEventListener('abort', done);
      // It may reject, or never settle.
      context.resume().then(done, done);
    });
    signal.throwIfAborted();
  }

  start(media: number, now: number): void {
    this.#silence();
    this.#state = 'running';
    this.#go(media - LEAD * SECOND * this.rate, media, now);
  }

  at(now: number): number {
    const context = this.#context;
    if (context === null || this.#anchor === null) return this.#wall.at(now);
    const { media, heard } = this.#anchor;
    if (this.#isStuck(context, now)) {
      this.#wall.start(this.#wall.at(this.#moved.page), now);
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
    this.#go(media, media, now);
  }

  stop(): void {
    this.#silence();
    this.#wall.stop();
    this.#state = 'stopped';
  }

  rest(): void {
    if (this.#context === null || this.#isResting) return;
    this.#isResting = true;
    void this.#context.suspend();
  }

  close(): void {
    this.stop();
    if (this.#context !== null) {
      this.#loudness.drive(null);
      void this.#context.close();
    }
    this.#context = null;
  }

  /** Runs from where the video is; the sound begins at `from`. */
  #go(media: number, from: number, now: number): void {
    this.#wall.start(media, now);
    const context = this.#context;
    if (context?.state !== 'running' || this.#gain === null) return;
    // What is put out now is heard later: so it is of later.
    const ahead = media + latencyOf(context) * SECOND * this.rate;
    this.#anchor = { media: ahead, heard: context.currentTime };
    this.#moved = { context: context.currentTime, page: now };
    this.#feed = new Feed({ track: this.#track, gain: this.#gain, rate: this.rate, from, ...this.#anchor });
  }

  /** There are devices that say that they run and do not. */
  #isStuck({ currentTime }: AudioContext, now: number): boolean {
    if (currentTime !== this.#moved.context) this.#moved = { context: currentTime, page: now };
    return now - this.#moved.page > STUCK_MS;
  }

  #silence(): void {
    this.#feed?.stop();
    this.#feed = null;
    this.#anchor = null;
  }

  #open(): AudioContext {
    if (this.#context !== null) return this.#context;
    // At the video's own rate no piece is resampled, and there is no seam between two.
    const context = new AudioContext({ sampleRate: this.#track.sampleRate });
    this.#gain = context.createGain();
    this.#gain.connect(context.destination);
    this.#loudness.drive(this.#gain.gain);
    context.addEventListener('statechange', () => this.#onChange(context));
    this.#context = context;
    return context;
  }

  /** The sound runs, or does not any more: the other clock goes on from where this one is. */
  #onChange(context: AudioContext): void {
    if (context !== this.#context || this.#state !== 'running') return;
    const now = performance.now();
    const isRunning = context.state === 'running';
    if (isRunning === this.isHeard) return;
    const media = this.at(now);
    this.#silence();
    this.#go(media, media, now);
  }
}

/** How long what is put out takes to be heard, in seconds. A boundary: not every engine tells, whatever the types say. */
const latencyOf = ({ outputLatency }: AudioContext): number => (outputLatency as number | undefined) ?? 0;
