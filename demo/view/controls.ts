/** Controls of the player. They show the state of the current source and keep no state of their own. */
import type { Playable } from '../player/playable.ts';
import type { ActionTarget } from './actions.ts';
import { RATES, seekTo, setVolume, targetPosition } from './actions.ts';
import { nameControl, showIcon, write } from './buttons.ts';
import { element } from './elements.ts';
import { showVideoControls } from './video-controls.ts';
import { showSound } from './sound-controls.ts';
import { clock, shortClock } from './time.ts';

const section = element('player', HTMLElement);
const playButton = element('play', HTMLButtonElement);
const seekBar = element('seek', HTMLInputElement);
const rates = element('rate', HTMLSelectElement);
const volume = element('volume', HTMLInputElement);
const time = element('time', HTMLSpanElement);
const duration = element('duration', HTMLSpanElement);

/** Updates the controls from the current source. */
export function showControls({ current, sound }: ActionTarget): void {
  const { state, position } = current;
  section.dataset['state'] = state;
  section.dataset['position'] = String(position);
  const isRunning = state === 'playing' || state === 'starved';
  showIcon(playButton, isRunning ? 'pause' : state === 'ended' ? 'again' : 'play');
  nameControl(playButton, isRunning ? 'Pause' : state === 'ended' ? 'Replay' : 'Play');
  playButton.disabled = state === 'empty';
  showSeekBar(current);
  showVideoControls(current);
  showSound(sound);
  write(time, clock(position));
}

function showSeekBar(current: Playable): void {
  const { state, seekable } = current;
  const start = seekable?.start ?? 0;
  const end = seekable?.end ?? 0;
  const shown = seekable === null ? 0 : targetPosition(current);
  seekBar.disabled = seekable === null;
  seekBar.min = String(start);
  seekBar.max = String(Math.max(end, start + 1));
  write(duration, seekable === null && state !== 'empty' ? 'live' : clock(end));
  // While dragged, the bar keeps the position of the pointer.
  if (!seekBar.matches(':active')) seekBar.value = String(shown);
  const share = (Number(seekBar.value) - start) / Math.max(1, end - start);
  seekBar.style.setProperty('--share', share.toFixed(4));
  // In whole seconds: screen readers must not announce each frame.
  const valueText = seekable === null ? 'Not seekable' : `${shortClock(shown)} of ${shortClock(end)}`;
  if (seekBar.ariaValueText !== valueText) seekBar.ariaValueText = valueText;
}

/** Connects the seek bar, the rate list and the volume bar. Buttons are connected together with the keys. */
export function connectControls(driven: ActionTarget): void {
  for (const rate of RATES) rates.add(new Option(`${rate}×`, String(rate)));
  const seek = (): void => {
    const { seekable } = driven.current;
    if (seekable !== null) seekTo(seekable, Number(seekBar.value));
  };
  // While the bar is dragged, and once more when it is released.
  seekBar.addEventListener('input', seek);
  seekBar.addEventListener('change', seek);
  rates.addEventListener('change', () => {
    const { seekable } = driven.current;
    if (seekable !== null) seekable.rate = Number(rates.value);
  });
  volume.addEventListener('input', () => setVolume(driven.sound, volume.valueAsNumber));
}
