/** Sound of the clips as raw PCM: short beeps for the tests, a slow arpeggio for the demo. */

export const SAMPLE_RATE = 48000;

/** ffmpeg's options for a file of these samples. */
export const PCM_INPUT = `-f f32le -ar ${SAMPLE_RATE} -ac 1 -i`;

/** Beeps of 0.1 s, one at the start of each `every` seconds, of the shape that `sample` gives for the time in seconds. */
function beepsOf(seconds: number, every: number, sample: (time: number) => number): Buffer {
  const samples = Float32Array.from({ length: seconds * SAMPLE_RATE }, (_, i) => {
    const time = (i / SAMPLE_RATE) % every;
    return time < 0.1 ? sample(time) : 0;
  });
  return Buffer.from(samples.buffer);
}

/** Beeps that swell and fade, two a second. */
export const beeps = (seconds: number): Buffer =>
  beepsOf(seconds, 0.5, (time) => 0.4 * Math.sin(Math.PI * time * 10) * Math.sin(2 * Math.PI * 880 * time));

/** Beeps at their full strength after a millisecond, one a second. */
export const secondBeeps = (seconds: number): Buffer =>
  beepsOf(seconds, 1, (time) => 0.5 * Math.min(1, time * 1000) * Math.sin(2 * Math.PI * 1000 * time));

/** Steps of the arpeggio in half tones above A3, one every half second; null is a rest. */
const STEPS = [0, 7, 12, 16, 19, 16, 12, null, -3, 4, 9, 12, 16, 12, 9, null, 2, 9, 14, 16, 21, 16, 14, null];
const STEP_SECONDS = 0.5;

/**
 * Soft pings that fade out over each other, with a quiet echo. What rings past the end starts the
 * sound over, so that it loops without a seam.
 */
export function arpeggio(seconds: number) {
  const samples = new Float32Array(seconds * SAMPLE_RATE);
  for (let step = 0; step * STEP_SECONDS < seconds; step += 1) {
    const tone = STEPS[step % STEPS.length];
    if (typeof tone !== 'number') continue;
    for (const [delay, level] of [
      [0, 0.2],
      [0.375, 0.06],
      [0.75, 0.025],
    ] as const) {
      addPing(samples, step * STEP_SECONDS + delay, 220 * 2 ** (tone / 12), level);
    }
  }
  return Buffer.from(samples.buffer);
}

/** Adds a ping that starts at a time in seconds, with a pitch in hertz. */
function addPing(samples: Float32Array, start: number, pitch: number, level: number) {
  const first = Math.round(start * SAMPLE_RATE);
  for (let i = 0; i < 3 * SAMPLE_RATE; i += 1) {
    const time = i / SAMPLE_RATE;
    const angle = 2 * Math.PI * pitch * time;
    const attack = Math.min(1, time / 0.008);
    const tone =
      Math.exp(-time * 2.2) * Math.sin(angle) +
      0.3 * Math.exp(-time * 5) * Math.sin(2 * angle) +
      0.08 * Math.exp(-time * 11) * Math.sin(4 * angle);
    const at = (first + i) % samples.length;
    samples[at] = (samples[at] ?? 0) + level * attack * tone;
  }
}
