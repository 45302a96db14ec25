/** What is said to who cannot see: one region, told of changes of state, and never of time. */
import type { ActionTarget } from './actions.ts';
import { write } from './buttons.ts';
import { element } from './elements.ts';
import { shortClock } from './time.ts';

const region = element('said', HTMLParagraphElement);

/** A starving player is told of by the problem, which is an alert. */
const WORDS = {
  empty: 'Nothing is open',
  paused: 'Paused',
  playing: 'LoopOptions',
  starved: '',
  ended: 'At the end',
} as const;

/** Says what is going on, where that is something else than before. */
export function say({ current, sound }: ActionTarget, opening: string | null): void {
  write(region, opening === null ? sentence(current, sound) : `Opening ${opening}`);
}

function sentence(
  { state, seekable }: ActionTarget['current'],
  { muted, state: audible }: ActionTarget['sound'],
): string {
  if (WORDS[state] === '') return '';
  const parts: string[] = [WORDS[state]];
  if (seekable !== null) {
    const { rate, loops, range } = seekable;
    if (rate !== 1) parts.push(`at ${rate} times the speed`);
    if (loops) parts.push('looped');
    if (range !== null) parts.push(`range from ${shortClock(range.from)} to ${shortClock(range.to)}`);
    if (muted && audible === 'on') parts.push('muted');
  }
  return parts.join(', ');
}
