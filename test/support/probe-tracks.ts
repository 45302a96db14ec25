/** Whether tracks can be read, in a window and in a worker. */
import { ask } from './probe-worker.ts';

/** Twice the time of a picture at 30 Hz. */
const PAINT_MS = 66;

/** TypeScript does not know it. */
type Processor = new (init: { track: MediaStreamTrack }) => { readonly readable: ReadableStream<VideoFrame> };

/** Reads a frame of a track by the platform's own class. False where there is none. */
export async function readsTrack(track: MediaStreamTrack): Promise<boolean> {
  const { MediaStreamTrackProcessor } = globalThis as { MediaStreamTrackProcessor?: Processor };
  if (MediaStreamTrackProcessor === undefined) return false;
  const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
  const { value } = await reader.read();
  const isRead = value !== undefined && value.displayWidth > 0;
  value?.close();
  await reader.cancel();
  return isRead;
}

/** How long a picture is waited for. */
const SHOWN_MS = 5000;

/** Whether an element shows pictures of a track. */
export async function showsTrack(track: MediaStreamTrack): Promise<boolean> {
  const video = document.createElement('video');
  Object.assign(video, { muted: true, srcObject: new MediaStream([track]) });
  const shown = new Promise<boolean>((resolve) => {
    video.requestVideoFrameCallback(() => resolve(true));
    setTimeout(() => resolve(false), SHOWN_MS);
  });
  const playing = video.play().catch(() => {});
  const isShown = await shown;
  video.srcObject = null;
  // What does not play may never say so.
  void playing;
  return isShown;
}

/** Has a track read in a worker. False where it cannot be sent there. */
export const workerReadsTrack = (track: MediaStreamTrack): Promise<boolean> =>
  // A transfer that TypeScript does not know.
  ask({ track }, [track as unknown as Transferable]);

/** Gives a track of a canvas that is painted all the while, and stops it afterwards. */
export async function painted(read: (track: MediaStreamTrack) => Promise<boolean>): Promise<boolean> {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: 320, height: 180 });
  const context = canvas.getContext('2d');
  const [track] = canvas.captureStream().getVideoTracks();
  if (track === undefined) return false;
  const painting = setInterval(() => context?.fillRect(Math.random() * 320, 0, 9, 9), PAINT_MS);
  try {
    return await read(track);
  } finally {
    clearInterval(painting);
    track.stop();
  }
}
