/** Moves with shares: released, again, later, forgotten; and buffers that come to harm. */
import type { Move } from './choosing.ts';
import { both, holderBy, isBuffers, playerOf, takeOne } from './choosing.ts';
import { same } from './comparing.ts';
import { harm } from './content.ts';

export const shareMoves: Readonly<Record<string, Move>> = {
  release(world, { pick }) {
    const held = takeOne(world.handles, pick);
    if (held === undefined) return null;
    held.real.release();
    world.spent.push(held.real);
    same('released', held.real.released, true);
    return `${held.player.name}: a share released`;
  },
  retain(world, { pick, how }) {
    const held = world.handles[pick % Math.max(1, world.handles.length)];
    if (held === undefined) return null;
    world.retained(held, held.real.retain(holderBy(how)));
    return `${held.player.name}: a share retained`;
  },
  releaseAgain(world, { pick, how }) {
    const handle = world.spent[pick % Math.max(1, world.spent.length)];
    if (handle === undefined) return null;
    if (how % 2 === 0) handle.release();
    else handle[Symbol.dispose]();
    for (const late of [
      () => handle.retain(),
      () => handle.toVideoFrame(),
      () => handle.releaseAfter(Promise.resolve()),
    ])
      both('a released handle', 'InvalidStateError', late);
    return 'a released handle used';
  },
  releaseAfter(world, { pick, how }) {
    const held = takeOne(world.handles, pick);
    if (held === undefined) return null;
    const done = new Promise<void>((resolve, reject) => {
      world.works.push(how % 2 === 0 ? resolve : () => reject(new Error('lost')));
    });
    held.real.releaseAfter(done);
    world.spent.push(held.real);
    return `${held.player.name}: a share to be released after work`;
  },
  endWork(world, { pick }) {
    const end = takeOne(world.works, pick);
    end?.();
    return end === undefined ? null : 'work done';
  },
  forget(world, { pick, how }) {
    const held = how % 2 === 0 ? takeOne(world.handles, pick) : takeOne(world.permits, pick);
    if (held === undefined) return null;
    world.forgotten.add(held.share);
    return `${held.player.name}: a share forgotten`;
  },
  collect(world, { pool, pick }) {
    const player = playerOf(world, pool);
    if (player === null) return null;
    const { model, registry, name } = player;
    const loans = [...model.loans];
    const lost = loans.filter(({ shares: all }) => all.every((share) => world.forgotten.has(share)));
    const loan = lost[pick % Math.max(1, lost.length)];
    if (loan === undefined) return null;
    // The net watches what is out, in the order in which it went out.
    registry.collect(loans.indexOf(loan));
    model.recover(loan);
    return `${name}: a forgotten slot found`;
  },
  harm(world, { pool, pick, how }) {
    const player = playerOf(world, pool, isBuffers);
    if (player === null) return null;
    const { model } = player;
    const out = [...model.loans].filter(
      (loan) => ![...world.asked].some(({ picture }) => picture?.loan === loan),
    );
    const buffers =
      how % 2 === 0 ? out.map(({ buffer }) => buffer) : player.kind === 'canvas' ? model.idle : [];
    const buffer = buffers[pick % Math.max(1, buffers.length)] ?? null;
    return buffer !== null && harm(buffer) ? `${player.name}: a buffer comes to harm` : null;
  },
};
