/** Lending a buffer costs the same in a small pool and in a large one. */
import type { CanvasStorage } from '../../../src/index.ts';
import { canvasStorage, VideoFramePool } from '../../../src/index.ts';
import type { Case } from '../page/case.ts';
import { atMost } from '../page/goal.ts';
import { BATCH, keep, microsecondsOf, MORE_ROUNDS } from '../page/operations.ts';
import { inTurns } from '../page/rounds.ts';
import { rowOf } from '../page/row.ts';
import { paired } from '../page/statistics.ts';

const FEW = 4;
const MANY = 4096;

/** `tryAcquire()` and `release()`, with all other slots idle. */
export const cases = (): Case[] => [
  {
    name: 'a buffer lent and given back',
    async run(rounds) {
      const poolOf = (capacity: number): VideoFramePool<CanvasStorage> =>
        new VideoFramePool({
          capacity,
          initial: capacity,
          storage: canvasStorage({ width: 1, height: 1 }),
          idleMs: Infinity,
        });
      const few = poolOf(FEW);
      const many = poolOf(MANY);
      const lend = (pool: VideoFramePool<CanvasStorage>) => (): Promise<number> =>
        microsecondsOf({
          prepare: () => pool,
          run() {
            for (let index = 0; index < BATCH; index++) {
              const handle = pool.tryAcquire();
              keep(handle);
              handle?.release();
            }
          },
        });
      const figures = await inTurns({ few: lend(few), many: lend(many) }, rounds * MORE_ROUNDS);
      if (many.idleCount !== MANY || many.stats().reused === 0)
        throw new Error('the buffers were not reused');
      few.close();
      many.close();
      return [
        rowOf({
          name: `a buffer lent and given back: ${MANY.toLocaleString('en')} slots / ${FEW}`,
          why: 'nothing searches, however many buffers are idle',
          unit: 'µs',
          compared: paired(figures.many, figures.few),
          goal: atMost(1.2),
        }),
      ];
    },
  },
];
