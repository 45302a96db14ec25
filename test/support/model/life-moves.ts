/** Moves of a pool's life: settings, its end, time, listeners. */
import type { Move } from './choosing.ts';
import { isDecoded, itemOf, onPool, oneOf, sizeBy } from './choosing.ts';
import { both, outcomeOf, same } from './comparing.ts';
import { listenerMove } from './listeners.ts';
import { storageOf } from './players.ts';
import type { World } from './world.ts';
import { setCanvases } from '../fake-canvas.ts';
import { makeFrame } from '../fake-video-frame.ts';

/** A frame that a pool has lent. If there is none, an object that is not a frame, which is rejected as well. */
function lentFrame({ handles }: World, pick: number): VideoFrame {
  const held = itemOf(handles, pick);
  if (held === undefined || !('frame' in held.real)) return {} as VideoFrame;
  held.loan.cloned = true;
  // A handle of decoded frames has a frame.
  return held.real.frame as VideoFrame;
}

export const lifeMoves: Readonly<Record<string, Move>> = {
  configure: onPool((_world, player, { pick, how }) => {
    const { model, pool, kind, name } = player;
    const { capacity, initial, maxBytes } = model.settings;
    const size = sizeBy(pick);
    const newCapacity = 1 + (pick % 5);
    const newBytes = { maxBytes: pick % 3 === 0 ? Infinity : 1024 * pick };
    const newInitial = { initial: isDecoded(player) ? 0 : pick % 4 };
    // The new options of the pool, and the new settings of its model.
    const [options, settings] = oneOf(
      [
        [{ capacity: newCapacity }, { capacity: newCapacity, initial: Math.min(initial, newCapacity) }],
        [{ storage: storageOf(kind, size) }, isDecoded(player) ? {} : { size }],
        [newBytes, newBytes],
        [newInitial, newInitial],
        [{ capacity, maxBytes }, {}],
      ] as const,
      how,
    );
    const failure = outcomeOf(() => pool.configure(options)).name;
    const expected = model.configure({ ...model.settings, ...settings }, 'size' in settings);
    same(`${name}: configure()`, failure, expected ?? 'none');
    return `${name}: ${JSON.stringify(settings)} configured`;
  }),
  commit: onPool((_world, { pool, model, name }) => {
    const { name: failure } = outcomeOf(() => pool.commit());
    same(`${name}: commit()`, failure, model.commit() ?? 'none');
    return `${name}: committed`;
  }),
  decommit: onPool((world, { pool, model, name, settled }) => {
    const number = world.number();
    void pool.decommit().then((isDone) => settled.push(`${number} ${isDone}`));
    model.decommit(number);
    return `${name}: decommitted`;
  }),
  close: onPool((_world, { pool, model, name }, { how }) => {
    // Rare, because few moves apply to a closed pool.
    if (how !== 0) return null;
    pool.close();
    model.close();
    return `${name}: closed`;
  }),
  trim: onPool((_world, { pool, model, name }) => {
    pool.trim();
    model.giveUp(0);
    return `${name}: trimmed`;
  }),
  wait(world, { pick, how }) {
    const ms = pick * (how % 4);
    world.clock.advance(ms);
    world.course.now += ms;
    for (const { model } of world.players) model.age();
    return `${ms} ms pass`;
  },
  fill(world, { how }) {
    world.course.isFull = how % 2 === 0;
    setCanvases({ room: world.course.isFull ? 0 : Infinity });
    return `the engine has ${world.course.isFull ? 'no ' : ''}room for canvases`;
  },
  wrong: onPool((world, player, { pick, how }) => {
    const { pool, name, kind } = player;
    const otherKind = kind === 'canvas' ? 'memory' : 'canvas';
    const late = player.model.state === 'closed' ? 'InvalidStateError' : null;
    const frame = makeFrame();
    const [error, call] = oneOf<readonly [string, () => unknown]>(
      [
        ['TypeError', () => (isDecoded(player) ? pool.tryAcquire() : pool.tryReserve())],
        ['TypeError', () => pool.adopt(isDecoded(player) ? lentFrame(world, pick) : frame)],
        [late ?? 'RangeError', () => pool.configure({ capacity: 0 })],
        [late ?? 'TypeError', () => pool.configure({ storage: storageOf(otherKind, sizeBy(pick)) })],
        [late ?? 'RangeError', () => pool.configure({ capacity: 2, initial: 3 })],
      ],
      how,
    );
    both(`${name}: wrong arguments`, error, call);
    same('a frame that was not adopted', frame.codedWidth > 0, true);
    frame.close();
    return `${name}: a wrong argument, ${how % 5}`;
  }),
  listen: onPool((world, player, { pick, how }) => listenerMove(world, player, pick, how)),
};
