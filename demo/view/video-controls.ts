/** Controls that apply to videos only: stepping, speed, loop, range and the count of dropped frames. */
import type { Playable, Range, Seekable } from '../player/playable.ts';
import { nameControl, press, write } from './buttons.ts';
import { element } from './elements.ts';
import { clock } from './time.ts';

const back = element('step-back', HTMLButtonElement);
const forward = element('step-forward', HTMLButtonElement);
const rates = element('rate', HTMLSelectElement);
const loop = element('loop', HTMLButtonElement);
const begin = element('range-in', HTMLButtonElement);
const end = element('range-out', HTMLButtonElement);
const clear = element('range-clear', HTMLButtonElement);
const shownRange = element('range-shown', HTMLDivElement);
const rangeText = element('range-text', HTMLParagraphElement);
const drops = element('drops', HTMLParagraphElement);

const NAMES: readonly (readonly [HTMLButtonElement, string])[] = [
  [back, 'Previous frame'],
  [forward, 'Next frame'],
  [begin, 'Set range start'],
  [end, 'Set range end'],
  [clear, 'Clear range'],
  [loop, 'Loop'],
];

/** Updates them from the current source. */
export function showVideoControls({ seekable }: Playable): void {
  const isLive = seekable === null;
  for (const [control, name] of NAMES) nameControl(control, name);
  for (const control of [back, forward, rates, loop, begin, end]) control.disabled = isLive;
  const range = seekable?.range ?? null;
  clear.disabled = range === null;
  rates.value = String(seekable?.rate ?? 1);
  press(loop, seekable?.loops ?? false);
  showRange(seekable, range);
  const dropped = seekable?.droppedCount ?? 0;
  drops.hidden = dropped === 0;
  write(drops, `${dropped} dropped`);
}

function showRange(video: Seekable | null, range: Range | null): void {
  shownRange.hidden = range === null;
  rangeText.hidden = range === null;
  if (video === null || range === null) return;
  const share = (time: number): string =>
    ((time - video.start) / Math.max(1, video.end - video.start)).toFixed(4);
  shownRange.style.setProperty('--from', share(range.from));
  shownRange.style.setProperty('--to', share(range.to));
  write(rangeText, `${clock(range.from)} – ${clock(range.to)}`);
}
