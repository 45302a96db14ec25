/**
 * The browser's own `<video>`, for orientation: it decodes in another process and displays pictures without the
 * page.
 */
import type { Player } from './player.ts';

const MICROSECONDS = 1e6;

export const player: Player = {
  name: '<video>',
  rival: { why: 'the browser’s own, for orientation', times: null, drops: null },
  async open(film) {
    const video = document.createElement('video');
    video.muted = true;
    video.src = URL.createObjectURL(film);
    document.body.append(video);
    const shown = nextPicture(video);
    video.preload = 'auto';
    await shown;
    return {
      async seek(time) {
        const shown = nextPicture(video);
        // In the middle of a µs; otherwise it may be the previous picture.
        video.currentTime = (time + 0.5) / MICROSECONDS;
        await shown;
      },
      async play() {
        video.currentTime = 0;
        const before = video.getVideoPlaybackQuality().droppedVideoFrames;
        const ended = new Promise((resolve) => video.addEventListener('ended', resolve, { once: true }));
        await video.play();
        await ended;
        return video.getVideoPlaybackQuality().droppedVideoFrames - before;
      },
      async close() {
        URL.revokeObjectURL(video.src);
        video.removeAttribute('src');
        video.load();
        video.remove();
      },
    };
  },
};

/** Resolves when another picture is displayed. */
const nextPicture = (video: HTMLVideoElement): Promise<void> =>
  new Promise((resolve) => video.requestVideoFrameCallback(() => resolve()));
