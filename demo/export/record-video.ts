/**
 * Makes a video of its own: pictures that are drawn into the writer's samples, and sound.
 *
 * Who owns what: `allocateSample()` lends a canvas, and `writeSample()` spends it. Its wait for a free one, and the wait for
 * room in the encoder, set the pace; there is no clock, so a hidden tab records as well as a shown one.
 */
import type { AudioCodec } from 'mediabunny';
import type { FrameWriter } from '../../src/media/index.ts';
import { paint, PICTURE } from './animation.ts';
import type { FileKind } from './file-kinds.ts';
import { SOUND, soundPiece } from './tones.ts';
import type { Job } from './write-file.ts';
import { FRAMES_PER_MARKER, reportWhenWritten, writeFile } from './write-file.ts';

const FRAMERATE = 30;
const SAMPLES_PER_FRAME = SOUND.sampleRate / FRAMERATE;

/** When a frame begins, in µs. */
const timeOf = (frame: number): number => Math.round((frame / FRAMERATE) * 1e6);

/** A video, and what its sound is. */
export interface Recording {
  readonly file: Blob;
  readonly sound: AudioCodec;
}

/**
 * Records so many seconds.
 *
 * @throws What writing throws, or the signal's reason; no sample is lent then.
 */
export async function recordVideo(kind: FileKind, seconds: number, job: Job): Promise<Recording> {
  const { signal } = job;
  const count = seconds * FRAMERATE;
  let sound = kind.sound[0] ?? 'opus';
  const file = await writeFile(kind, signal, async (writer) => {
    const pictures = await writer.addVideoStream({ codec: kind.codec, ...PICTURE, framerate: FRAMERATE });
    const { stream: sounds, codec } = await addSound(writer, kind.sound);
    sound = codec;
    await writer.beginWriting();
    for (let frame = 0; frame < count; frame++) {
      const timestamp = timeOf(frame);
      const sample = await writer.allocateSample(pictures, { signal, holder: 'record' });
      let drawn: Promise<void>;
      try {
        paint(sample.context, timestamp);
        const duration = timeOf(frame + 1) - timestamp;
        drawn = writer.writeSample(pictures, sample, { timestamp, duration });
      } finally {
        // Spent already, unless something failed.
        sample.release();
      }
      const piece = soundPiece(frame * SAMPLES_PER_FRAME, SAMPLES_PER_FRAME);
      const heard = writer.writeSample(sounds, piece);
      piece.close();
      // Both, frame by frame: what one stream is ahead of the other is kept in memory.
      await Promise.all([drawn, heard]);
      const frames = frame + 1;
      if (frames % FRAMES_PER_MARKER === 0 || frames === count)
        reportWhenWritten(writer, pictures, { frames, share: frames / count }, job);
    }
  });
  return { file, sound };
}

/** Adds the first kind of sound that the engine encodes. */
async function addSound(
  writer: FrameWriter,
  codecs: readonly AudioCodec[],
): Promise<{ stream: number; codec: AudioCodec }> {
  let refusal: unknown;
  for (const codec of codecs) {
    try {
      return { stream: await writer.addAudioStream({ codec, ...SOUND }), codec };
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'NotSupportedError')) throw error;
      refusal = error;
    }
  }
  throw refusal;
}
