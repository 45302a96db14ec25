/** Badge that names the current source of frames, and the explanations beside controls that a live source disables. */
import './source-badge.css';
import { MAX_OPEN } from '../player/camera.ts';
import { element } from './elements.ts';

const REASONS = {
  'film-strip-off': 'The film strip is not available for a camera.',
  'export-off': 'Export is not available for a camera. Open a video.',
} as const;

/** Source of the frames on the screen. */
export type Origin = 'nothing' | 'main thread' | 'worker' | 'camera';

const ORIGINS: Record<Origin, string> = {
  nothing: 'Nothing is open.',
  'main thread': 'Decoded on the main thread.',
  worker: 'Decoded in a worker.',
  camera: 'Frames from the camera, without decoding.',
};

const HOLD_HINTS = {
  video: 'Hold as many frames as there are slots, and the player stalls.',
  camera: `Hold ${MAX_OPEN} camera frames, and new ones are dropped: no more can be open at once.`,
} as const;

const holdHint = element('hold-hint', HTMLParagraphElement);
const origins = element('origin', HTMLParagraphElement);
const dropped = element('dropped', HTMLParagraphElement);
const seekBar = element('seek', HTMLInputElement);
const workerSwitch = element('in-worker', HTMLInputElement);

/** Updates the page for a source of frames. */
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
  seekBar.title = isLive ? 'Live video is not seekable' : '';
  workerSwitch.disabled = isLive;
  dropped.hidden = !isLive;
}

/** Shows how many camera frames were dropped because the page was slow or no slot was free. */
export function showDropped(count: number): void {
  const text = `Dropped (page too slow or pool full): ${count}`;
  if (dropped.textContent !== text) dropped.textContent = text;
}
