/**
 * Re-encodes a video or a part of it into a file.
 *
 * Ownership: `frames()` hands out a share of each frame, and `writeSample()` synchronously takes its own. So the first
 * share is released before the frame is encoded, and a pool with a few slots is enough for a video of any length.
 */
import type { FrameHandle, VideoFramePool } from '../../src/index.ts';
import type { FrameWriter, VideoReader } from '../../src/media/index.ts';
import type { FileKind } from './file-kinds.ts';
import type { WriteJob } from './write-file.ts';
import { FRAMES_PER_MARKER, reportWhenWritten, writeFile } from './write-file.ts';

/** Video, range and format to export, and the pool to use. */
export interface ExportRequest {
  readonly reader: VideoReader;
  readonly pool: VideoFramePool;
  readonly kind: FileKind;
  /** µs. */
  readonly from: number;
  /** In µs; frames that start at or after it are excluded. `Infinity` excludes none. */
  readonly to: number;
}

/** Holder name of frames on their way to the writer. */
const HOLDER = 'export';

/**
 * Writes the frames of the range into a file that starts at 0.
 *
 * @throws The error of reading or writing, or the signal's reason. Nothing is lent then.
 */
export function exportVideo({ reader, pool, kind, from, to }: ExportRequest, job: WriteJob): Promise<Blob> {
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
          // The file starts with its first frame, even if the video starts later.
          start = Math.max(from, timestamp);
          stream = await addStream(writer, kind, reader, handle);
        }
        // The first frame may start before the range, and the last may end after it.
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
        reportWhenWritten(
          writer,
          stream,
          { frames, share: Math.min(1, (end - start) / (last - start)) },
          job,
        );
    }
    if (stream === null) throw new Error('no frame in this range');
    reportWhenWritten(writer, stream, { frames, share: 1 }, job);
  });
}

/** Adds a stream for the first frame. Frames are written as stored, so size, rotation and flip are preserved. */
async function addStream(
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
    // The reader reports the upright display size; the stream needs the size before rotation.
    displayWidth: sideways ? displayHeight : displayWidth,
    displayHeight: sideways ? displayWidth : displayHeight,
  });
  await writer.beginWriting();
  return stream;
}
