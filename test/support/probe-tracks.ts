/** Probes of camera tracks, for a window and a worker. */

/** Twice the duration of a picture at 30 Hz. */
const PAINT_MS = 66;

/** TypeScript lacks this class. */
type Processor = new (init: { track: MediaStreamTrack }) => { readonly readable: ReadableStream<VideoFrame> };

/** Reads a frame of a track through the platform's own class. False if the class is missing. */
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

/** Whether an element shows pictures of a track within 5 s. */
export async function showsTrack(track: MediaStreamTrack): Promise<boolean> {
  const video = document.createElement('video');
  Object.assign(video, { muted: true, srcObject: new MediaStream([track]) });
  const shown = new Promise<boolean>((resolve) => {
    video.requestVideoFrameCallback(() => resolve(true));
    setTimeout(() => resolve(false), 5000);
  });
  // Not awaited, because the promise may never settle if the element does not play.
  void video.play().catch(() => {});
  const isShown = await shown;
  video.srcObject = null;
  return isShown;
}

/** Provides a track of a canvas that is painted continuously. Stops the track afterwards. */
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
