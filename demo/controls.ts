/** The player's controls: buttons, seek bar, keys. Shows what the player is doing, and keeps no state of its own. */
import { element } from './elements.ts';
import type { Player } from './player.ts';
import { clock } from './time.ts';

const section = element('player', HTMLElement);
const playButton = element('play', HTMLButtonElement);
const seekBar = element('seek', HTMLInputElement);
const time = element('time', HTMLOutputElement);
const duration = element('duration', HTMLSpanElement);

/** Brings the controls in line with the player. */
export function showPlayer(player: Player): void {
  const { state, reader, position } = player;
  section.dataset['state'] = state;
  section.dataset['position'] = String(position);
  const running = state === 'playing' || state === 'starved';
  playButton.textContent = running ? 'Pause' : state === 'ended' ? 'Again' : 'Play';
  playButton.setAttribute('aria-label', running ? 'Pause' : state === 'ended' ? 'Play again' : 'Play');
  playButton.disabled = reader === null;
  seekBar.disabled = reader === null;
  if (reader !== null) {
    seekBar.min = String(Math.max(0, reader.firstTimestamp));
    seekBar.max = String(reader.duration);
  }
  duration.textContent = clock(reader?.duration ?? 0);
  if (document.activeElement !== seekBar || state === 'playing') seekBar.value = String(position);
  seekBar.setAttribute('aria-valuetext', clock(position));
  time.value = clock(position);
}

/** Hands what people do to the player. */
export function connectControls(player: Player): void {
  const toggle = (): void => {
    if (player.state === 'playing' || player.state === 'starved') player.pause();
    else player.play();
  };
  playButton.addEventListener('click', toggle);
  seekBar.addEventListener('input', () => void player.seek(Number(seekBar.value)));
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || player.reader === null) return;
    // The other controls keep the keys that are theirs.
    const { target } = event;
    if (target instanceof HTMLInputElement && target !== seekBar) return;
    if (target instanceof HTMLSelectElement) return;
    if (target instanceof HTMLButtonElement && event.key === ' ') return;
    const { reader } = player;
    const actions: Record<string, () => void> = {
      ' ': toggle,
      k: toggle,
      ArrowRight: () => void player.step(1),
      ArrowLeft: () => void player.step(-1),
      Home: () => void player.seek(Math.max(0, reader.firstTimestamp)),
      End: () => void player.seek(reader.duration),
    };
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}
