/** How loud videos are played, and whether the one that is on can be heard. Stays from video to video. */
import type { Sound } from './playable.ts';

/** What a video's sound is like. */
export type SoundState = Pick<Sound, 'state' | 'why'>;

const SILENT: SoundState = { state: 'none', why: null };

export class VolumeControl implements Sound {
  readonly #changed: () => void;
  #volume = 1;
  #muted = false;
  #sound: SoundState = SILENT;
  /** What is turned up and down: the gain of the video that is on. */
  #gain: { value: number } | null = null;

  /** @param changed - Called after each change. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get state(): Sound['state'] {
    return this.#sound.state;
  }

  get why(): string | null {
    return this.#sound.why;
  }

  get volume(): number {
    return this.#volume;
  }

  set volume(volume: number) {
    this.#volume = Math.min(Math.max(0, volume), 1);
    this.#apply();
  }

  get muted(): boolean {
    return this.#muted;
  }

  set muted(muted: boolean) {
    this.#muted = muted;
    this.#apply();
  }

  /** Tells of another video's sound, or that there is none. */
  show(sound: SoundState = SILENT): void {
    this.#sound = sound;
    this.#changed();
  }

  /** Turns a gain up and down from here on, or none. */
  drive(gain: { value: number } | null): void {
    this.#gain = gain;
    this.#apply();
  }

  #apply(): void {
    if (this.#gain !== null) this.#gain.value = this.#muted ? 0 : this.#volume;
    this.#changed();
  }
}
