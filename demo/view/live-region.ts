/** Live region for screen readers. Announces changes of state, never the passing of time. */
import type { ActionTarget } from './actions.ts';
import { write } from './buttons.ts';
import { element } from './elements.ts';
import { shortClock } from './time.ts';

const region = element('announcement', HTMLParagraphElement);

/** A starved player is announced by the error box, which is an alert. */
const WORDS = {
  empty: 'Nothing is open',
  paused: 'Paused',
  playing: 'Playing',
  starved: '',
  ended: 'Ended',
} as const;

/** Announces the state if it changed. */
export function announce({ current, sound }: ActionTarget, opening: string | null): void {
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
    if (rate !== 1) parts.push(`at ${rate}× speed`);
    if (loops) parts.push('loop on');
    if (range !== null) parts.push(`range from ${shortClock(range.from)} to ${shortClock(range.to)}`);
    if (muted && audible === 'on') parts.push('muted');
  }
  return parts.join(', ');
}
