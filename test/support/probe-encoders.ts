/** Whether this engine encodes, found out by encoding a little. */
import { colourFrame } from './frames.ts';

/** Even, and of a size that every encoder takes. */
const SIZE = { width: 320, height: 180 };

/** Enough for an encoder that keeps 20 ms, and adds some of its own. */
const SOUND_FRAMES = 4800;
const SAMPLE_RATE = 48_000;

/** Whether two pictures become chunks. */
export async function encodesPictures(codec: string): Promise<boolean> {
  // WebKitGTK aborts where the first call of a page is an encoder's.
  await VideoDecoder.isConfigSupported({ codec: 'vp8' });
  const config = { codec, ...SIZE, bitrate: 500_000 };
  return chunksOf(
    (init: VideoEncoderInit) => new VideoEncoder(init),
    async (encoder) => {
      encoder.configure(config);
      for (const timestamp of [0, 40_000]) {
        const frame = colourFrame([60, 90, 120], { ...SIZE, timestamp });
        encoder.encode(frame);
        frame.close();
      }
      await encoder.flush();
    },
  );
}

/** Whether a tenth of a second of silence becomes chunks. */
export async function encodesSound(codec: string): Promise<boolean> {
  await VideoDecoder.isConfigSupported({ codec: 'vp8' });
  const config = { codec, sampleRate: SAMPLE_RATE, numberOfChannels: 1, bitrate: 64_000 };
  return chunksOf(
    (init: AudioEncoderInit) => new AudioEncoder(init),
    async (encoder) => {
      encoder.configure(config);
      const sound = new AudioData({
        format: 'f32',
        sampleRate: SAMPLE_RATE,
        numberOfChannels: 1,
        numberOfFrames: SOUND_FRAMES,
        timestamp: 0,
        data: new Float32Array(SOUND_FRAMES),
      });
      encoder.encode(sound);
      sound.close();
      await encoder.flush();
    },
  );
}

/** Whether an encoder gave chunks for what it was given, and no error. */
async function chunksOf<T extends VideoEncoder | AudioEncoder>(
  make: (init: { output(): void; error(): void }) => T,
  use: (encoder: T) => Promise<void>,
): Promise<boolean> {
  let chunks = 0;
  let hasFailed = false;
  const encoder = make({ output: () => void chunks++, error: () => void (hasFailed = true) });
  try {
    await use(encoder);
  } catch {
    hasFailed = true;
  }
  if (encoder.state !== 'closed') encoder.close();
  return chunks > 0 && !hasFailed;
}
