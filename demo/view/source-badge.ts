/** Where the pictures come from, in words; and what a live source has not is off, with the reason beside it. */
import './source-badge.css';
import { MAX_OPEN } from '../player/camera.ts';
import { element } from './elements.ts';

const REASONS = {
  'film-strip-off': 'No film strip: a camera has no beginning and no end.',
  'export-off': 'A camera has no end to export to. Open a video.',
} as const;

/** Where they come from. */
export type Origin = 'nothing' | 'video in the page' | 'video in a worker' | 'camera';

const ORIGINS: Record<Origin, string> = {
  nothing: 'Nothing is open.',
  'video in the page': 'Decoded in the page.',
  'video in a worker': 'Decoded in a worker.',
  camera: 'From a camera, without a decoder.',
};

const HOLD_HINTS = {
  video: 'Hold as many as there are slots, and the player starves.',
  camera: `Hold ${MAX_OPEN} frames of a camera, and the next ones are dropped: no more may be open.`,
} as const;

const holdHint = element('hold-hint', HTMLParagraphElement);
const origins = element('origin', HTMLParagraphElement);
const dropped = element('dropped', HTMLParagraphElement);
const seekBar = element('seek', HTMLInputElement);
const workerSwitch = element('in-worker', HTMLInputElement);

/** Brings the page in line with where its pictures come from. */
export function showOrigin(origin: Origin): void {
  if (origins.dataset['origin'] === origin) return;
  const isLive = origin === 'camera';
  origins.dataset['origin'] = origin;
  origins.textContent = ORIGINS[origin];
  for (const [id, reason] of Object.entries(REASONS)) {
    const place = element(id, HTMLParagraphElement);
    place.textContent = isLive ? reason : '';
    place.hidden = !isLive;
  }
  holdHint.textContent = isLive ? HOLD_HINTS.camera : HOLD_HINTS.video;
  seekBar.title = isLive ? 'A camera cannot be sought in' : '';
  workerSwitch.disabled = isLive;
  dropped.hidden = !isLive;
}

/** Shows how many frames cameras gave that there was no time or no room for. */
export function showDropped(count: number): void {
  const text = `Dropped (slow page, or no room): ${count}`;
  if (dropped.textContent !== text) dropped.textContent = text;
}
