/** Every key of the page: what handles it, and what the help sheet says of it. */
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

/** One line of the table. */
export interface KeyLine {
  /** `KeyboardEvent.key`, letters small. */
  readonly keys: readonly string[];
  /** How the keys are written for people. */
  readonly shown: string;
  readonly does: string;
  readonly act: Action;
  /** The id of the button that does the same. */
  readonly button?: string;
  /** Whether it is done again and again while the key is down. */
  readonly repeats?: true;
}

/** A heading of the help sheet, and what is under it. */
export interface KeyGroup {
  readonly title: string;
  readonly lines: readonly KeyLine[];
}

const tenths: readonly KeyLine[] = Array.from({ length: 10 }, (_, digit) => ({
  keys: [String(digit)],
  shown: String(digit),
  does: `To ${digit * 10} %`,
  act: goTo(digit / 10),
}));

/** All of them, as the help sheet lists them. */
export const KEY_TABLE: readonly KeyGroup[] = [
  {
    title: 'LoopOptions',
    lines: [
      { keys: [' ', 'k'], shown: 'Space, K', does: 'Play or pause', act: toggle, button: 'play' },
      { keys: ['<'], shown: '<', does: 'Slower', act: changeRate(-1) },
      { keys: ['>'], shown: '>', does: 'Faster', act: changeRate(1) },
      { keys: ['r'], shown: 'R', does: 'Loop, or not', act: toggleLoop, button: 'loop' },
    ],
  },
  {
    title: 'Going to and fro',
    lines: [
      { keys: [','], shown: ',', does: 'One frame back', act: step(-1), button: 'step-back', repeats: true },
      {
        keys: ['.'],
        shown: '.',
        does: 'One frame forward',
        act: step(1),
        button: 'step-forward',
        repeats: true,
      },
      { keys: ['ArrowLeft'], shown: '←', does: '5 seconds back', act: jump(-5 * SECOND), repeats: true },
      { keys: ['ArrowRight'], shown: '→', does: '5 seconds forward', act: jump(5 * SECOND), repeats: true },
      { keys: ['j'], shown: 'J', does: '10 seconds back', act: jump(-10 * SECOND), repeats: true },
      { keys: ['l'], shown: 'L', does: '10 seconds forward', act: jump(10 * SECOND), repeats: true },
      { keys: ['Home'], shown: 'Home', does: 'To the start', act: goTo(0) },
      { keys: ['End'], shown: 'End', does: 'To the end', act: goTo(1) },
      ...tenths,
    ],
  },
  {
    title: 'Range',
    lines: [
      { keys: ['i'], shown: 'I', does: 'Begin the range here', act: beginRange, button: 'range-in' },
      { keys: ['o'], shown: 'O', does: 'End the range here', act: endRange, button: 'range-out' },
      { keys: ['x'], shown: 'X', does: 'Clear the range', act: clearRange, button: 'range-clear' },
    ],
  },
  {
    title: 'Sound and page',
    lines: [
      { keys: ['ArrowUp'], shown: '↑', does: 'Louder', act: changeVolume(VOLUME_STEP), repeats: true },
      { keys: ['ArrowDown'], shown: '↓', does: 'Quieter', act: changeVolume(-VOLUME_STEP), repeats: true },
      { keys: ['m'], shown: 'M', does: 'Mute, or not', act: toggleMute, button: 'mute' },
      {
        keys: ['f'],
        shown: 'F',
        does: 'Full screen, or not',
        act: toggleFullScreen,
        button: 'full-screen',
      },
      { keys: ['?'], shown: '?', does: 'This sheet', act: openHelp, button: 'help-open' },
    ],
  },
];
