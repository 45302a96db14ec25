/** The player over the whole screen, its controls with it. */
import { nameControl, showIcon } from './buttons.ts';
import { element } from './elements.ts';
import { showProblem } from './problem.ts';

const section = element('player', HTMLElement);
const button = element('full-screen', HTMLButtonElement);

/** Enters or leaves. */
export function toggleFullScreen(): boolean {
  if (!document.fullscreenEnabled) return false;
  const change =
    document.fullscreenElement === null ? section.requestFullscreen() : document.exitFullscreen();
  change.catch((error: unknown) => showProblem(error, refusal));
  return true;
}

/** Keeps the button in line, also where the browser's own key has left. */
export function watchFullScreen(): void {
  const show = (): void => {
    const isFull = document.fullscreenElement !== null;
    showIcon(button, isFull ? 'small' : 'full');
    nameControl(button, isFull ? 'Leave full screen' : 'Full screen');
  };
  // Where there is none (a telephone, a frame that may not), there is no button.
  button.hidden = !document.fullscreenEnabled;
  document.addEventListener('fullscreenchange', show);
  show();
}

const refusal = (): string => 'The browser does not let this page fill the screen. Its own menu may.';
