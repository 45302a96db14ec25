/** Volume and mute of the player, and whether the current video has sound. The settings persist across videos. */
import type { Sound } from './playable.ts';

/** Availability of a video's sound. */
export type SoundState = Pick<Sound, 'state' | 'why'>;

const SILENT: SoundState = { state: 'none', why: null };

/** Implementation of `Sound` for the player. */
export class VolumeControl implements Sound {
  readonly #changed: () => void;
  #volume = 1;
  #muted = false;
  #sound: SoundState = SILENT;
  /** Gain of the current video. */
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

  /** Sets the availability of the current video's sound; by default there is none. */
  setSound(sound: SoundState = SILENT): void {
    this.#sound = sound;
    this.#changed();
  }

  /** Sets the gain that volume and mute control; null for none. */
  setGain(gain: { value: number } | null): void {
    this.#gain = gain;
    this.#apply();
  }

  #apply(): void {
    if (this.#gain !== null) this.#gain.value = this.#muted ? 0 : this.#volume;
    this.#changed();
  }
}
