import { describe, expect, test } from 'vitest';
import type { CanvasStorage, DecodedStorage } from '../../src/index.ts';
import { canvasMoves, decodedMoves, nextMove } from '../support/fake-moves.ts';
import { Script } from '../support/fake-script.ts';

const SEEDS = Array.from({ length: 25 }, (_, index) => index + 1);
const STEPS = 250;

/** Plays one script to its end, where everything is given back. */
async function play<S extends DecodedStorage | CanvasStorage>(
  script: Script<S>,
  moves: Parameters<typeof nextMove<S>>[1],
): Promise<void> {
  for (let step = 0; step < STEPS; step++) {
    // Without an await where there is nothing to wait for: microtasks run when a move lets them, and not before.
    const pending = nextMove(script, moves)(script);
    if (pending !== undefined) await pending;
    script.check();
  }
  await script.flush();
  while (script.handles.length + script.permits.length > 0) {
    for (const { loan, share } of [...script.handles.splice(0), ...script.permits.splice(0)]) {
      share.release();
      script.model.drop(loan);
      script.check();
    }
    await script.flush();
  }
  expect([script.pool.lentCount, script.pool.decodingCount]).toEqual([0, 0]);
  script.pool.close();
}

/** Says which script it was. */
async function withSeed(seed: number, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

describe('a pool does what the model does, whatever the script', () => {
  test('with decoded frames [C1] [C2] [C3] [C4] [C5] [C7] [C13]', async () => {
    for (const seed of SEEDS)
      await withSeed(seed, () => play(new Script<DecodedStorage>(seed, 'decoded'), decodedMoves));
  });

  test('with canvases [C1] [C2] [C3] [C4] [C5] [C7] [C8] [C13]', async () => {
    for (const seed of SEEDS)
      await withSeed(seed, () => play(new Script<CanvasStorage>(seed, 'canvas'), canvasMoves));
  });
});
