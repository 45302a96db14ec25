/** Whether this engine encodes, found out by encoding a little. */
import { colourFrame } from './frames.ts';

/** Even, and of a size that every encoder takes. */
const SIZE = { width: 320, height: 180 };

const SOUND = { sampleRate: 48_000, numberOfChannels: 1 };

/** Enough for an encoder that keeps 20 ms, and adds some of its own. */
const SOUND_FRAMES = 4800;

/** Whether two pictures become chunks. */
export const encodesPictures = (codec: string): Promise<boolean> =>
  encodes(
    (init) => new VideoEncoder(init),
    { codec, ...SIZE, bitrate: 500_000 },
    () => [0, 40_000].map((timestamp) => colourFrame([60, 90, 120], { ...SIZE, timestamp })),
  );

/** Whether a tenth of a second of silence becomes chunks. */
export const encodesSound = (codec: string): Promise<boolean> =>
  encodes(
    (init) => new AudioEncoder(init),
    { codec, ...SOUND, bitrate: 64_000 },
    () => {
      const shape = { format: 'f32', numberOfFrames: SOUND_FRAMES, timestamp: 0 } as const;
      return [new AudioData({ ...SOUND, ...shape, data: new Float32Array(SOUND_FRAMES) })];
    },
  );

interface Encoder<Config, Sample> {
  readonly state: CodecState;
  configure(config: Config): void;
  encode(sample: Sample): void;
  flush(): Promise<void>;
  close(): void;
}

/** Whether an encoder gives chunks for its samples, and no error. */
async function encodes<Config, Sample extends { close(): void }>(
  make: (init: { output(): void; error(): void }) => Encoder<Config, Sample>,
  config: Config,
  samples: () => Sample[],
): Promise<boolean> {
  // WebKitGTK aborts if the first call of a page is an encoder's.
  await VideoDecoder.isConfigSupported({ codec: 'vp8' });
  let chunks = 0;
  let hasFailed = false;
  const encoder = make({ output: () => void chunks++, error: () => void (hasFailed = true) });
  try {
    encoder.configure(config);
    for (const sample of samples()) {
      encoder.encode(sample);
      sample.close();
    }
    await encoder.flush();
  } catch {
    hasFailed = true;
  }
  if (encoder.state !== 'closed') encoder.close();
  return chunks > 0 && !hasFailed;
}
