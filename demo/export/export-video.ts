/**
 * Encodes a video, or a part of it, into another file.
 *
 * Who owns what: `frames()` hands out a share of each frame, and `writeSample()` takes one of its own in that very call. So
 * the first is given back before the frame is encoded, and a pool of a few slots is enough for a video of any length.
 */
import type { FrameHandle, VideoFramePool } from '../../src/index.ts';
import type { FrameWriter, VideoReader } from '../../src/media/index.ts';
import type { FileKind } from './file-kinds.ts';
import type { Job } from './write-file.ts';
import { FRAMES_PER_MARKER, reportWhenWritten, writeFile } from './write-file.ts';

/** What to export, and through which pool. */
export interface ExportRequest {
  readonly reader: VideoReader;
  readonly pool: VideoFramePool;
  readonly kind: FileKind;
  /** µs. */
  readonly from: number;
  /** µs; frames that begin at it or later are left out. `Infinity` leaves none out. */
  readonly to: number;
}

/** The name under which the panel shows what is on its way to the writer. */
const HOLDER = 'export';

/**
 * Writes the pictures of the range into a file that begins at 0.
 *
 * @throws What reading or writing throws, or the signal's reason; nothing is lent then.
 */
export function exportVideo({ reader, pool, kind, from, to }: ExportRequest, job: Job): Promise<Blob> {
  const { signal } = job;
  return writeFile(kind, signal, async (writer) => {
    let stream: number | null = null;
    let start = from;
    let frames = 0;
    const last = Math.min(to, reader.duration);
    for await (const handle of reader.frames({ pool, from, to, signal, holder: HOLDER })) {
      let written: Promise<void>;
      let end: number;
      try {
        const { timestamp, duration } = handle;
        if (stream === null) {
          // The file begins with its first picture, also where the video does so later.
          start = Math.max(from, timestamp);
          stream = await begin(writer, kind, reader, handle);
        }
        // The first may have been shown before the range, and the last be shown after it.
        const shownFrom = Math.max(timestamp, start);
        end = duration === null ? shownFrom : Math.min(timestamp + duration, to);
        const info = {
          timestamp: shownFrom - start,
          ...(duration === null ? {} : { duration: end - shownFrom }),
        };
        written = writer.writeSample(stream, handle, info);
      } finally {
        handle.release();
      }
      await written;
      if (++frames % FRAMES_PER_MARKER === 0)
        reportWhenWritten(writer, stream, { frames, share: Math.min(1, (end - start) / (last - start)) }, job);
    }
    if (stream === null) throw new Error('there is no frame in this range');
    reportWhenWritten(writer, stream, { frames, share: 1 }, job);
  });
}

/** Adds the stream that the first frame asks for. Frames come as they are stored, so size, rotation and flip stay as they are. */
async function begin(
  writer: FrameWriter,
  { codec }: FileKind,
  { rotation, flip, displayWidth, displayHeight }: VideoReader,
  { frame }: FrameHandle,
): Promise<number> {
  const { visibleRect } = frame;
  const sideways = rotation % 180 !== 0;
  const stream = await writer.addVideoStream({
    codec,
    width: visibleRect?.width ?? frame.displayWidth,
    height: visibleRect?.height ?? frame.displayHeight,
    rotation,
    flip,
    // The reader tells the upright picture's size, the stream wants it before the turn.
    displayWidth: sideways ? displayHeight : displayWidth,
    displayHeight: sideways ? displayWidth : displayHeight,
  });
  await writer.beginWriting();
  return stream;
}
