/** The sound of the recording: each note of the music box, plucked, from where it stands. */
import { angleOf, MELODY, struckBy } from './music-box.ts';

/** Samples a second, and channels: left and right. */
export const SOUND = { sampleRate: 48_000, numberOfChannels: 2 } as const;

/** How fast a note fades, and how fast it begins: without that it would click. */
const FADE_SECONDS = 0.18;
const ATTACK_SECONDS = 0.004;

const LOUDNESS = 0.25;

/**
 * A piece of the sound, owned and to be closed by the caller.
 *
 * @param first - Number of its first sample, from the recording's beginning.
 * @param count - How many samples.
 */
export function soundPiece(first: number, count: number): AudioData {
  const data = new Float32Array(count * SOUND.numberOfChannels);
  for (let index = 0; index < count; index++) {
    const time = ((first + index) / SOUND.sampleRate) * 1e6;
    for (const { place, age } of struckBy(time)) {
      const seconds = age / 1e6;
      const level = LOUDNESS * Math.min(1, seconds / ATTACK_SECONDS) * Math.exp(-seconds / FADE_SECONDS);
      const value = level * Math.sin(2 * Math.PI * (MELODY[place] ?? 0) * seconds);
      // Where the note is seen is where it is heard.
      const right = (1 + Math.sin(angleOf(place)) * 0.7) / 2;
      data[index] = (data[index] ?? 0) + value * (1 - right);
      data[count + index] = (data[count + index] ?? 0) + value * right;
    }
  }
  return new AudioData({
    format: 'f32-planar',
    ...SOUND,
    numberOfFrames: count,
    timestamp: Math.round((first / SOUND.sampleRate) * 1e6),
    data,
  });
}
