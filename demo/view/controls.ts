/** The controls: buttons, seek bar, keys. They show what is going on, and keep no state of their own. */
import { element } from './elements.ts';
import type { Playable, Seekable } from '../player/playable.ts';
import { clock } from './time.ts';

const section = element('player', HTMLElement);
const playButton = element('play', HTMLButtonElement);
const seekBar = element('seek', HTMLInputElement);
const time = element('time', HTMLOutputElement);
const duration = element('duration', HTMLSpanElement);

/** Brings the controls in line with what is on. */
export function showPlayable({ state, position, seekable }: Playable): void {
  section.dataset['state'] = state;
  section.dataset['position'] = String(position);
  const running = state === 'playing' || state === 'starved';
  playButton.textContent = running ? 'Pause' : state === 'ended' ? 'Again' : 'Play';
  playButton.setAttribute('aria-label', running ? 'Pause' : state === 'ended' ? 'Play again' : 'Play');
  playButton.disabled = state === 'empty';
  seekBar.disabled = seekable === null;
  if (seekable !== null) {
    seekBar.min = String(seekable.start);
    seekBar.max = String(seekable.end);
  }
  duration.textContent = seekable === null && state !== 'empty' ? 'live' : clock(seekable?.end ?? 0);
  const shown = seekable === null ? 0 : position;
  if (document.activeElement !== seekBar || state === 'playing') seekBar.value = String(shown);
  seekBar.setAttribute('aria-valuetext', clock(shown));
  time.value = clock(position);
}

/** Hands what people do to what is on. */
export function connectControls(stage: { readonly current: Playable }): void {
  const toggle = (): void => {
    const { current } = stage;
    if (current.state === 'playing' || current.state === 'starved') current.pause();
    else current.play();
  };
  playButton.addEventListener('click', toggle);
  seekBar.addEventListener('input', () => void stage.current.seekable?.seek(Number(seekBar.value)));
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // The other controls keep the keys that are theirs.
    const { target } = event;
    const isSwitch = target instanceof HTMLInputElement && target.type === 'checkbox';
    if (target instanceof HTMLInputElement && target !== seekBar && !isSwitch) return;
    if (target instanceof HTMLSelectElement) return;
    if ((target instanceof HTMLButtonElement || isSwitch) && event.key === ' ') return;
    const { state, seekable } = stage.current;
    const playing: Record<string, () => void> = { ' ': toggle, k: toggle };
    const seeking: Record<string, (film: Seekable) => void> = {
      ArrowRight: (film) => void film.step(1),
      ArrowLeft: (film) => void film.step(-1),
      Home: (film) => void film.seek(film.start),
      End: (film) => void film.seek(film.end),
    };
    const play = state === 'empty' ? undefined : playing[event.key];
    const seek = seekable === null ? undefined : seeking[event.key];
    if (play === undefined && seek === undefined) return;
    event.preventDefault();
    play?.();
    if (seekable !== null) seek?.(seekable);
  });
}
