/** Sound of the recording: each note of the music box, plucked, and panned to its place in the animation. */
import { angleOf, MELODY, struckBy } from './music-box.ts';

/** Sample rate in Hz, and channels: left and right. */
export const SOUND = { sampleRate: 48_000, numberOfChannels: 2 } as const;

/** Decay and attack of a note in seconds; without an attack it would click. */
const FADE_SECONDS = 0.18;
const ATTACK_SECONDS = 0.004;

const LOUDNESS = 0.25;

/**
 * Renders a piece of the sound. The caller owns and closes it.
 *
 * @param first - Index of its first sample from the start of the recording.
 * @param count - Number of samples.
 */
export function soundPiece(first: number, count: number): AudioData {
  const data = new Float32Array(count * SOUND.numberOfChannels);
  for (let index = 0; index < count; index++) {
    const time = ((first + index) / SOUND.sampleRate) * 1e6;
    for (const { place, age } of struckBy(time)) {
      const seconds = age / 1e6;
      const level = LOUDNESS * Math.min(1, seconds / ATTACK_SECONDS) * Math.exp(-seconds / FADE_SECONDS);
      const value = level * Math.sin(2 * Math.PI * (MELODY[place] ?? 0) * seconds);
      // Pans the note to where it is drawn.
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
