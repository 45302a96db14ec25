/** Moves with shares (released, again, later, forgotten), and with buffers that come to harm. */
import type { Move } from './choosing.ts';
import { both, holderBy, itemOf, onPool, withTaken } from './choosing.ts';
import { same } from './comparing.ts';
import { harm } from './content.ts';
import type { Held } from './players.ts';

export const shareMoves: Readonly<Record<string, Move>> = {
  release: withTaken(
    ({ handles }) => handles,
    ({ player, real }, { spent }) => {
      real.release();
      spent.push(real);
      same('released', real.released, true);
      return `${player.name}: a share released`;
    },
  ),
  retain(world, { pick, how }) {
    const held = itemOf(world.handles, pick);
    if (held === undefined) return null;
    world.retained(held, held.real.retain(holderBy(how)));
    return `${held.player.name}: a share retained`;
  },
  releaseAgain({ spent }, { pick, how }) {
    const handle = itemOf(spent, pick);
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
  releaseAfter: withTaken(
    ({ handles }) => handles,
    ({ player, real }, { works, spent }, { how }) => {
      const done = new Promise<void>((resolve, reject) => {
        works.push(how % 2 === 0 ? resolve : () => reject(new Error('lost')));
      });
      real.releaseAfter(done);
      spent.push(real);
      return `${player.name}: a share to be released after work`;
    },
  ),
  endWork: withTaken(
    ({ works }) => works,
    (end) => {
      end();
      return 'work done';
    },
  ),
  forget: withTaken<Pick<Held<unknown>, 'player' | 'share'>>(
    ({ handles, permits }, { how }) => (how % 2 === 0 ? handles : permits),
    ({ player, share }, { forgotten }) => {
      forgotten.add(share);
      return `${player.name}: a share forgotten`;
    },
  ),
  collect: onPool(({ forgotten }, { model, registry, name }, { pick }) => {
    const loans = [...model.loans];
    const lost = loans.filter(({ shares }) => shares.every((share) => forgotten.has(share)));
    const loan = itemOf(lost, pick);
    if (loan === undefined) return null;
    // The net watches what is out, in the order in which it went out.
    registry.collect(loans.indexOf(loan));
    model.recover(loan);
    return `${name}: a forgotten slot found`;
  }),
  harm: onPool(
    ({ asked }, { kind, model, name }, { pick, how }) => {
      const sources = new Set([...asked].map(({ picture }) => picture?.loan));
      const out = [...model.loans].filter((loan) => !sources.has(loan)).map(({ buffer }) => buffer);
      const buffer = itemOf(how % 2 === 0 ? out : kind === 'canvas' ? model.idle : [], pick) ?? null;
      return buffer !== null && harm(buffer) ? `${name}: a buffer comes to harm` : null;
    },
    ['canvas', 'memory'],
  ),
};
