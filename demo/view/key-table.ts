/** Keyboard shortcuts of the page: the action of each key, and its text in the help dialog. */
import type { Action } from './actions.ts';
import {
  beginRange,
  changeRate,
  changeVolume,
  clearRange,
  endRange,
  goTo,
  jump,
  step,
  toggle,
  toggleLoop,
  toggleMute,
} from './actions.ts';
import { toggleFullScreen } from './full-screen.ts';
import { openHelp } from './help.ts';

const SECOND = 1_000_000;
const VOLUME_STEP = 0.05;

/** One shortcut. */
export interface KeyLine {
  /** `KeyboardEvent.key` values, letters in lower case. */
  readonly keys: readonly string[];
  /** The keys as users read them. */
  readonly shown: string;
  readonly does: string;
  readonly act: Action;
  /** Id of the button with the same action. */
  readonly button?: string;
  /** Whether the action repeats while the key is down. */
  readonly repeats?: true;
}

/** A group of shortcuts under one heading. */
export interface KeyGroup {
  readonly title: string;
  readonly lines: readonly KeyLine[];
}

const tenths: readonly KeyLine[] = Array.from({ length: 10 }, (_, digit) => ({
  keys: [String(digit)],
  shown: String(digit),
  does: `Jump to ${digit * 10} %`,
  act: goTo(digit / 10),
}));

/** All shortcuts, in the order of the help dialog. */
export const KEY_TABLE: readonly KeyGroup[] = [
  {
    title: 'Playback',
    lines: [
      { keys: [' ', 'k'], shown: 'Space, K', does: 'Play/pause', act: toggle, button: 'play' },
      { keys: ['<'], shown: '<', does: 'Slower', act: changeRate(-1) },
      { keys: ['>'], shown: '>', does: 'Faster', act: changeRate(1) },
      { keys: ['r'], shown: 'R', does: 'Toggle loop', act: toggleLoop, button: 'loop' },
    ],
  },
  {
    title: 'Seeking',
    lines: [
      { keys: [','], shown: ',', does: 'Previous frame', act: step(-1), button: 'step-back', repeats: true },
      {
        keys: ['.'],
        shown: '.',
        does: 'Next frame',
        act: step(1),
        button: 'step-forward',
        repeats: true,
      },
      { keys: ['ArrowLeft'], shown: '←', does: 'Back 5 seconds', act: jump(-5 * SECOND), repeats: true },
      { keys: ['ArrowRight'], shown: '→', does: 'Forward 5 seconds', act: jump(5 * SECOND), repeats: true },
      { keys: ['j'], shown: 'J', does: 'Back 10 seconds', act: jump(-10 * SECOND), repeats: true },
      { keys: ['l'], shown: 'L', does: 'Forward 10 seconds', act: jump(10 * SECOND), repeats: true },
      { keys: ['Home'], shown: 'Home', does: 'Jump to the start', act: goTo(0) },
      { keys: ['End'], shown: 'End', does: 'Jump to the end', act: goTo(1) },
      ...tenths,
    ],
  },
  {
    title: 'Range',
    lines: [
      { keys: ['i'], shown: 'I', does: 'Set range start', act: beginRange, button: 'range-in' },
      { keys: ['o'], shown: 'O', does: 'Set range end', act: endRange, button: 'range-out' },
      { keys: ['x'], shown: 'X', does: 'Clear range', act: clearRange, button: 'range-clear' },
    ],
  },
  {
    title: 'Sound and view',
    lines: [
      { keys: ['ArrowUp'], shown: '↑', does: 'Volume up', act: changeVolume(VOLUME_STEP), repeats: true },
      {
        keys: ['ArrowDown'],
        shown: '↓',
        does: 'Volume down',
        act: changeVolume(-VOLUME_STEP),
        repeats: true,
      },
      { keys: ['m'], shown: 'M', does: 'Toggle mute', act: toggleMute, button: 'mute' },
      {
        keys: ['f'],
        shown: 'F',
        does: 'Toggle full screen',
        act: toggleFullScreen,
        button: 'full-screen',
      },
      { keys: ['?'], shown: '?', does: 'Show shortcuts', act: openHelp, button: 'help-open' },
    ],
  },
];
