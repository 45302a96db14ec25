/** Reads a file with the <video> element: one seek for each time, then a moment of playing. */
import type { ElementReading, Question, Rgba, ShownFrame } from '../reading.ts';
import { unreadByElement } from '../reading.ts';
import { lookAtPicture } from './canvas.ts';

/** Time-outs against hanging, in ms. */
const OPENING_MS = 5000;
const SEEK_MS = 3000;
const PLAY_MS = 4000;

/** After `seeked` a frame comes within a few ms, unless the frame stays the same. In ms. */
const FRAME_MS = 400;

/** Frames that prove that the element plays. */
const PLAYED_FRAMES = 3;

/** The element with its latest frame. */
class Watched {
  readonly video = document.createElement('video');
  frames = 0;
  metadata: VideoFrameCallbackMetadata | null = null;
  #onFrame: () => void = () => {};

  constructor() {
    this.video.muted = true;
    this.video.preload = 'auto';
    document.body.append(this.video);
    this.#watch();
  }

  #watch(): void {
    this.video.requestVideoFrameCallback((_, metadata) => {
      this.frames++;
      this.metadata = metadata;
      this.#onFrame();
      this.#watch();
    });
  }

  /** Media time of the latest frame, in whole µs. */
  get time(): number {
    return Math.round((this.metadata?.mediaTime ?? NaN) * 1e6);
  }

  /**
   * Waits for the callback of the frame with a media time, but not longer than a limit: later frames may come after a first one.
   * A callback may also stay away, so the shown frame has the last word.
   *
   * @returns The media time of the shown frame in µs.
   */
  async frameOf(time: number, limitMs: number): Promise<number> {
    const over = performance.now() + limitMs;
    for (
      let left = limitMs;
      left > 0 && !(Math.abs(this.time - time) <= 1);
      left = over - performance.now()
    ) {
      await this.frameAfter(this.frames, left);
    }
    if (Math.abs(this.time - time) <= 1) return this.time;
    const frame = new VideoFrame(this.video);
    const { timestamp } = frame;
    frame.close();
    return timestamp;
  }

  /** Resolves once another frame has come, or false after a time. */
  frameAfter(frames: number, limitMs: number): Promise<boolean> {
    if (this.frames > frames) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), limitMs);
      this.#onFrame = () => {
        if (this.frames <= frames) return;
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  /** Resolves with the event's name, with the element's error, or with 'nothing' after a time. */
  next(events: readonly string[], limitMs: number): Promise<string> {
    return new Promise((resolve) => {
      const controller = new AbortController();
      const finish = (result: string): void => {
        controller.abort();
        clearTimeout(timer);
        resolve(result);
      };
      const timer = setTimeout(() => finish('nothing'), limitMs);
      const { signal } = controller;
      for (const event of events) this.video.addEventListener(event, () => finish(event), { signal });
      this.video.addEventListener('error', () => finish(errorOf(this.video)), { signal });
    });
  }
}

const errorOf = ({ error }: HTMLVideoElement): string =>
  `error ${error?.code ?? '?'}: ${error?.message ?? ''}`;

export async function readWithElement(file: Blob, questions: readonly Question[]): Promise<ElementReading> {
  const watched = new Watched();
  const { video } = watched;
  video.src = URL.createObjectURL(file);
  try {
    const opened = await watched.next(['loadeddata'], OPENING_MS);
    if (opened === 'nothing') return unreadByElement('does not load', 'while it opens');
    if (opened !== 'loadeddata') return unreadByElement(opened, null);
    // The element plays the sound of a file whose video it cannot decode.
    if (video.videoWidth === 0) return unreadByElement('no picture', null);
    return await readOpened(watched, questions);
  } finally {
    URL.revokeObjectURL(video.src);
    video.removeAttribute('src');
    video.load();
    video.remove();
  }
}

async function readOpened(watched: Watched, questions: readonly Question[]): Promise<ElementReading> {
  const { video } = watched;
  const size = { width: video.videoWidth, height: video.videoHeight };
  const duration = video.duration * 1e6;
  const shown: ShownFrame[] = [];
  let patches: readonly Rgba[] = [];
  let hangs: string | null = null;
  let end: string | null = null;
  for (const { at, due } of questions) {
    const seeked = watched.next(['seeked'], SEEK_MS);
    video.currentTime = at / 1e6;
    const result = await seeked;
    if (result === 'nothing') hangs = `seeking to ${at} µs`;
    else if (result !== 'seeked') end = result;
    if (result !== 'seeked') break;
    const time = await watched.frameOf(due, FRAME_MS);
    const look = lookAtPicture(video, { width: video.videoWidth, height: video.videoHeight });
    if (patches.length === 0) patches = look.patches;
    shown.push({ at, time, mark: look.mark });
  }
  if (hangs === null && end === null) {
    const result = await playedOut(watched);
    if (result === 'nothing') hangs = 'playing the last frame';
    else if (result !== 'ended') end = result;
  }
  return { failure: null, size, patches, duration, shown, end, hangs, plays: await playsFromStart(watched) };
}

/** Plays on from the last seek: 'ended', an error, or 'nothing'. */
async function playedOut(watched: Watched): Promise<string> {
  const { video } = watched;
  const ended = watched.next(['ended'], PLAY_MS);
  void video.play().catch(() => {});
  const result = await ended;
  video.pause();
  return result;
}

async function playsFromStart(watched: Watched): Promise<boolean> {
  const { video } = watched;
  if (video.error !== null) {
    // An error at a seek ends the element: it is loaded again.
    const loaded = watched.next(['loadeddata'], OPENING_MS);
    video.load();
    if ((await loaded) !== 'loadeddata') return false;
  }
  const before = watched.frames;
  const ended = watched.next(['ended'], PLAY_MS);
  video.currentTime = 0;
  void video.play().catch(() => {});
  const played = await Promise.race([ended, watched.frameAfter(before + PLAYED_FRAMES, PLAY_MS)]);
  video.pause();
  return played === 'ended' || played === true;
}
