/** The moves of a random script: each makes one call to the pool, and the same to the model. */
import { expect } from 'vitest';
import type { CanvasStorage, DecodedStorage } from '../../src/index.ts';
import { fakeContext } from './fake-canvas.ts';
import { thrownBy } from './fake-failures.ts';
import { canvases } from './fake-pools.ts';
import { makeFrame } from './fake-video-frame.ts';
import type { Held, Script } from './fake-script.ts';

/** A move, and how often it is made compared with the others. */
type Moves<S extends DecodedStorage | CanvasStorage> = [
  weight: number,
  move: (script: Script<S>) => void | Promise<void>,
][];

/** Takes a random one out of a list. */
function takeOne<T>(script: { below(limit: number): number }, list: T[]): T | undefined {
  return list.splice(script.below(list.length), 1)[0];
}

function release<T extends { release(): void; readonly released: boolean }>(
  script: Script<DecodedStorage> | Script<CanvasStorage>,
  held: Held<T> | undefined,
): void {
  if (held === undefined) return;
  held.share.release();
  expect(held.share.released).toBe(true);
  script.spent.push(held.share);
  script.model.drop(held.loan);
}

const shared = <S extends DecodedStorage | CanvasStorage>(): Moves<S> => [
  [4, (script) => void script.abort()],
  [6, (script) => script.flush()],
  [
    12,
    (script) => {
      const held = takeOne(script, script.handles);
      if (held === undefined) return;
      held.share.release();
      script.spent.push(held.share);
      script.model.drop(held.loan);
    },
  ],
  [
    4,
    (script) => {
      const held = script.pick(script.handles);
      if (held === undefined) return;
      held.loan.shares++;
      // A share of a handle of S is one of S.
      script.handles.push({ loan: held.loan, share: held.share.retain('again') as typeof held.share });
    },
  ],
  // A second release of what was given back: nothing may change.
  [2, (script) => script.pick(script.spent)?.release()],
  [
    3,
    (script) => {
      const capacity = 1 + script.below(5);
      const closed = script.model.state === 'closed';
      if (closed) expect(thrownBy(() => script.pool.configure({ capacity })).name).toBe('InvalidStateError');
      else script.pool.configure({ capacity });
      if (!closed) script.model.resize(capacity);
    },
  ],
  [1, (script) => void script.decommit()],
  [
    2,
    (script) => {
      if (script.model.state === 'closed') {
        expect(thrownBy(() => script.pool.commit()).name).toBe('InvalidStateError');
        return;
      }
      script.pool.commit();
      script.model.commit();
    },
  ],
  [
    0.03,
    (script) => {
      if (script.model.state === 'closed') return;
      script.pool.close();
      script.model.close();
    },
  ],
  // Only between flushes with nothing pending is it plain who hears what.
  [1, (script) => script.flush().then(() => script.toggleListener())],
  [
    1,
    (script) => {
      script.pool.trim();
      script.model.idle = [];
    },
  ],
  [
    3,
    (script) => {
      const ms = script.below(80);
      script.clock.advance(ms);
      script.model.advance(ms);
    },
  ],
];

export const decodedMoves: Moves<DecodedStorage> = [
  ...shared<DecodedStorage>(),
  [8, (script) => script.wait((signal) => script.pool.reserve({ signal }), 'reserved')],
  [
    5,
    (script) => {
      if (script.model.state !== 'active') {
        expect(thrownBy(() => script.pool.tryReserve()).name).toBe('InvalidStateError');
        return;
      }
      const [permit, loan] = [script.pool.tryReserve(), script.model.take('reserved')];
      expect(permit === null, 'tryReserve() gives nothing').toBe(loan === null);
      if (permit !== null && loan !== null) script.permits.push({ loan, share: permit });
    },
  ],
  [4, (script) => release(script, takeOne(script, script.permits))],
  [
    8,
    (script) => {
      const held = takeOne(script, script.permits);
      if (held === undefined) return;
      const { loan, share } = held;
      script.spent.push(share);
      if (script.model.state === 'closed') {
        expect(thrownBy(() => share.adopt(makeFrame())).name).toBe('InvalidStateError');
        script.model.drop(loan);
        return;
      }
      loan.kind = 'lent';
      script.keep(loan, share.adopt(makeFrame()));
    },
  ],
  [
    4,
    (script) => {
      const frame = makeFrame({ timestamp: script.below(1000) });
      const active = script.model.state === 'active';
      const loan = script.model.take('lent');
      if (loan !== null) {
        script.keep(loan, script.pool.adopt(frame));
        return;
      }
      expect(thrownBy(() => script.pool.adopt(frame)).name).toBe(
        active ? 'QuotaExceededError' : 'InvalidStateError',
      );
      expect(frame.codedWidth, 'a refused frame is closed').toBe(0);
    },
  ],
  [
    5,
    (script) => {
      const held = script.pick(script.handles);
      if (held === undefined) return;
      expect(held.share.frame.codedWidth, 'what is held is open').toBe(64);
      held.loan.cloned = true;
      if (script.random() > 0.3) return;
      held.share.frame.close();
      held.loan.cloned = false;
    },
  ],
];

export const canvasMoves: Moves<CanvasStorage> = [
  ...shared<CanvasStorage>(),
  [10, (script) => script.wait((signal) => script.pool.acquire({ signal }), 'lent')],
  [
    8,
    (script) => {
      if (script.model.state !== 'active') {
        expect(thrownBy(() => script.pool.tryAcquire()).name).toBe('InvalidStateError');
        return;
      }
      const [handle, loan] = [script.pool.tryAcquire(), script.model.take('lent')];
      expect(handle === null, 'tryAcquire() gives nothing').toBe(loan === null);
      if (handle !== null && loan !== null) script.keep(loan, handle);
    },
  ],
  [
    2,
    (script) => {
      if (script.model.state === 'closed') return;
      const { width, height, bytes } = script.pickSize();
      script.pool.configure({ storage: canvases(width, height) });
      script.model.restore(bytes);
    },
  ],
  [
    2,
    (script) => {
      const held = script.pick(script.handles);
      if (held?.loan.buffer == null) return;
      fakeContext(held.share.context).lose();
      held.loan.buffer.harmed = true;
    },
  ],
  [
    5,
    (script) => {
      const held = script.pick(script.handles);
      held?.share.context.translate(1, 1);
    },
  ],
];

/** Chooses a move by its weight. */
export function nextMove<S extends DecodedStorage | CanvasStorage>(
  script: Script<S>,
  moves: Moves<S>,
): (script: Script<S>) => void | Promise<void> {
  let left = script.random() * moves.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, move] of moves) {
    left -= weight;
    if (left < 0) return move;
  }
  return () => {};
}
