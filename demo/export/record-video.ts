/**
 * Records a generated video: frames drawn into the writer's samples, and sound.
 *
 * Ownership: `allocateSample()` lends a canvas, and `writeSample()` consumes it. The wait for a free canvas and the
 * wait for the encoder set the pace; there is no clock, so recording works in a hidden tab as well.
 */
import type { AudioCodec } from 'mediabunny';
import type { FrameWriter } from '../../src/media/index.ts';
import { paint, PICTURE } from './animation.ts';
import type { FileKind } from './file-kinds.ts';
import { SOUND, soundPiece } from './tones.ts';
import type { WriteJob } from './write-file.ts';
import { FRAMES_PER_MARKER, reportWhenWritten, writeFile } from './write-file.ts';

const FRAMERATE = 30;
const SAMPLES_PER_FRAME = SOUND.sampleRate / FRAMERATE;

/** Start of a frame, in µs. */
const timeOf = (frame: number): number => Math.round((frame / FRAMERATE) * 1e6);

/** The recorded file and its audio codec. */
export interface Recording {
  readonly file: Blob;
  readonly sound: AudioCodec;
}

/**
 * Records a video of this length in seconds.
 *
 * @throws The error of writing, or the signal's reason. No sample is lent then.
 */
export async function recordVideo(kind: FileKind, seconds: number, job: WriteJob): Promise<Recording> {
  const { signal } = job;
  const count = seconds * FRAMERATE;
  let sound = kind.sound[0] ?? 'opus';
  const file = await writeFile(kind, signal, async (writer) => {
    const videoStream = await writer.addVideoStream({ codec: kind.codec, ...PICTURE, framerate: FRAMERATE });
    const { stream: audioStream, codec } = await addSound(writer, kind.sound);
    sound = codec;
    await writer.beginWriting();
    for (let frame = 0; frame < count; frame++) {
      const timestamp = timeOf(frame);
      const sample = await writer.allocateSample(videoStream, { signal, holder: 'record' });
      let drawn: Promise<void>;
      try {
        paint(sample.context, timestamp);
        const duration = timeOf(frame + 1) - timestamp;
        drawn = writer.writeSample(videoStream, sample, { timestamp, duration });
      } finally {
        // Already consumed, unless an error was thrown.
        sample.release();
      }
      const piece = soundPiece(frame * SAMPLES_PER_FRAME, SAMPLES_PER_FRAME);
      const heard = writer.writeSample(audioStream, piece);
      piece.close();
      // Wait for both per frame: the writer buffers a stream that is ahead of the other.
      await Promise.all([drawn, heard]);
      const frames = frame + 1;
      if (frames % FRAMES_PER_MARKER === 0 || frames === count)
        reportWhenWritten(writer, videoStream, { frames, share: frames / count }, job);
    }
  });
  return { file, sound };
}

/** Adds an audio stream with the first codec that the engine encodes. */
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
