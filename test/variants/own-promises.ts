/** Promises of this library that a reading keeps or breaks by itself: ends, order, steps, `frameAt()`, facts, open frames. */
import type { DueEnd } from './clips/clip.ts';
import type { Found } from './difference.ts';
import { TIME_TOLERANCE } from './difference.ts';
import type { OursReading, ReadFrame } from './reading.ts';
import { shownAt } from './reading.ts';

/** Promises of this library that need no other reader. */
export function ownProblems(ours: OursReading, due: DueEnd): Found[] {
  return [...leaks(ours), ...ends(ours, due), ...sequences(ours), ...facts(ours)];
}

const oddOurs = (aspect: string, text: string): Found => ({ aspect, odd: 'ours', text });

const leaks = ({ open }: OursReading): Found[] =>
  open.length === 0 ? [] : [oddOurs('leaks', `${open.length} frames stay open: ${open[0]}`)];

function ends({ failure, hangs: isHung, frames, end }: OursReading, due: DueEnd): Found[] {
  if (failure !== null || isHung !== null) return [];
  if (due === 'error' && end === null) {
    return [oddOurs('end', `ends without an error after ${frames.length} frames`)];
  }
  if (due === 'end' && end !== null)
    return [oddOurs('end', `ends after ${frames.length} frames with ${end}`)];
  return [];
}

/** The order of the frames, steps from one to the next, and `frameAt()`. */
function sequences({ frames, end, shown, frameAtErrors }: OursReading): Found[] {
  const found: Found[] = [];
  const falling = frames.findIndex(({ time }, index) => time < (frames[index - 1]?.time ?? -Infinity));
  if (falling !== -1) found.push(oddOurs('order', `frame ${falling} is earlier than the one before it`));
  const pairs = frames.slice(1).map((next, index) => ({ from: frames[index] ?? next, next }));
  const missed = pairs.filter(({ from, next }) => from.time + from.duration !== next.time);
  if (missed[0] !== undefined) {
    const { from, next } = missed[0];
    const first = `${from.time} + ${from.duration} and not ${next.time}`;
    found.push(oddOurs('steps', `${missed.length} of ${pairs.length}, first ${first}`));
  }
  // After an error the list of frames is not whole.
  if (end !== null) return found;
  const [failed] = frameAtErrors;
  if (failed !== undefined) {
    const first = `${failed[0]}: ${failed[1]}`;
    found.push(oddOurs('frameAt', `${frameAtErrors.length} errors, first at ${first}`));
  }
  const wrong = shown.filter(({ at, mark, time }) => {
    const right = shownAt(frames, at);
    return right !== undefined && (right.mark !== mark || right.time !== time);
  });
  if (wrong[0] !== undefined) {
    const first = `${wrong[0].at}: ${nameOf(wrong[0])} and not ${nameOf(shownAt(frames, wrong[0].at))}`;
    found.push(oddOurs('frameAt', `${wrong.length} of ${shown.length}, first at ${first}`));
  }
  return found;
}

const nameOf = (frame: ReadFrame | undefined): string =>
  frame === undefined ? 'nothing' : `#${frame.mark ?? '?'}@${frame.time}`;

function facts({ frames, firstTimestamp, duration, end }: OursReading): Found[] {
  const [first, last] = [frames[0], frames.at(-1)];
  if (first === undefined || last === undefined || end !== null) return [];
  const found: Found[] = [];
  if (first.time !== firstTimestamp) {
    found.push(oddOurs('facts', `firstTimestamp ${firstTimestamp}, first frame ${first.time}`));
  }
  const over = last.time + last.duration;
  if (Math.abs(over - duration) > TIME_TOLERANCE) {
    found.push(oddOurs('facts', `duration ${duration}, last frame ends at ${over}`));
  }
  return found;
}
