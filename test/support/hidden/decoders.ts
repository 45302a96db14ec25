/** The matrix of decoders × capacities × held frames in a hidden page. */
import type { Cell } from '../decoder-kinds.ts';
import { CELLS, decodeCell, KINDS, starves, timesOf } from '../decoder-kinds.ts';
import type { DecoderLimits } from '../../../src/testing/index.ts';
import { ManualClock } from '../../../src/testing/index.ts';
import type { Track } from '../packets.ts';
import { trackOf } from '../packets.ts';
import { run } from './program.ts';

const CHUNKS = 24;

/** A number of surfaces that no clip exhausts. */
const MANY_SURFACES = 16;

const isReordered = ({ chunks }: Track): boolean =>
  chunks.some(({ timestamp }, index) => timestamp < (chunks[index - 1]?.timestamp ?? -Infinity));

/**
 * Whether the decoder needs a timer. A decoder with few surfaces must wait before it treats a silent chunk as kept back for
 * reordering, and timers of a hidden page are slow.
 */
function needsTimer({ kind }: Cell, track: Track): boolean {
  const { surfaces = MANY_SURFACES }: DecoderLimits = KINDS[kind];
  return surfaces < MANY_SURFACES && isReordered(track);
}

/** Descriptions of the cells with a wrong result. */
async function wrongOf(cells: readonly Cell[], check: (cell: Cell) => Promise<unknown>): Promise<string[]> {
  // All cells at the same time, because timers of a hidden page are slow.
  const failures = cells.map(async (cell) => {
    const failure = await check(cell).catch((error: unknown) => String(error));
    return failure === null ? [] : [`${JSON.stringify(cell)}: ${JSON.stringify(failure)}`];
  });
  return (await Promise.all(failures)).flat();
}

/**
 * Decodes every cell in which the app leaves a slot and a surface free: once to learn the delay, and then with a clock that
 * stands still.
 */
export const decodeKinds = (file: string) =>
  run(
    async () => {
      const track = await trackOf(file, CHUNKS);
      const cells = CELLS.filter((cell) => !starves(cell) && !needsTimer(cell, track));
      const wrong = await wrongOf(cells, async (cell) => {
        const learning = await decodeCell(track, cell, { starvationMs: 60_000 });
        const knowing = await decodeCell(track, cell, {
          clock: new ManualClock(),
          decoderDelay: learning.decoderDelay,
        });
        const all = timesOf(cell.kind, track).join();
        const isWhole = [learning, knowing].every(({ timestamps }) => timestamps.join() === all);
        const isLeft = [learning, knowing].some(({ left }) => left.lent + left.decoding + left.waiting > 0);
        return isWhole && !isLeft ? null : [learning, knowing];
      });
      return { hasCells: cells.length > 0, wrong };
    },
    { timers: 'running' },
  );

/**
 * Decodes every cell in which the app holds all slots or surfaces. Each must end with an error that names the app as the holder.
 */
export const starveKinds = (file: string) =>
  run(
    async () => {
      const track = await trackOf(file, CHUNKS);
      const cells = CELLS.filter(starves);
      const wrong = await wrongOf(cells, async (cell) => {
        const result = await decodeCell(track, cell, { starvationMs: 1000 });
        const { timestamps, starvedBy, left } = result;
        const all = timesOf(cell.kind, track);
        const isBegun = timestamps.length > 0 && timestamps.every((time, index) => time === all[index]);
        const isNamed =
          starvedBy !== null && starvedBy.length > 0 && starvedBy.every((name) => name === 'app');
        const isLeft = left.lent + left.decoding + left.waiting > 0;
        return isBegun && isNamed && !isLeft ? null : result;
      });
      return { hasCells: cells.length > 0, wrong };
    },
    { timers: 'running' },
  );
