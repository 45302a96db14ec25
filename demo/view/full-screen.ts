/** Full screen mode of the player and its controls. */
import { nameControl, showIcon } from './buttons.ts';
import { element } from './elements.ts';
import { showProblem } from './problem.ts';

const section = element('player', HTMLElement);
const button = element('full-screen', HTMLButtonElement);

/** Enters or exits full screen. */
export function toggleFullScreen(): boolean {
  if (!document.fullscreenEnabled) return false;
  const change =
    document.fullscreenElement === null ? section.requestFullscreen() : document.exitFullscreen();
  change.catch((error: unknown) => showProblem(error, refusal));
  return true;
}

/** Keeps the button up to date, including when the user exits with the browser's own key. */
export function watchFullScreen(): void {
  const show = (): void => {
    const isFull = document.fullscreenElement !== null;
    showIcon(button, isFull ? 'small' : 'full');
    nameControl(button, isFull ? 'Exit full screen' : 'Full screen');
  };
  // Without full screen (phones, frames without permission) the button is hidden.
  button.hidden = !document.fullscreenEnabled;
  document.addEventListener('fullscreenchange', show);
  show();
}

const refusal = (): string => 'The browser did not allow full screen. Use its own menu instead.';
