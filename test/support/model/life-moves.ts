/** Moves of a pool's life: settings, its end, time, listeners. */
import { setCanvases } from '../fake-canvas.ts';
import { makeFrame } from '../fake-video-frame.ts';
import type { Move } from './choosing.ts';
import { both, isDecoded, oneOf, playerOf, sizeBy } from './choosing.ts';
import { failureOf, same } from './comparing.ts';
import { hearing } from './listeners.ts';
import { storageOf } from './players.ts';
import type { World } from './world.ts';

/** What a pool has lent, where there is such a frame; what is no frame is refused as well. */
function lentFrame({ handles }: World, pick: number): VideoFrame {
  const held = handles[pick % Math.max(1, handles.length)];
  // What is no frame is what the call is to refuse.
  if (held === undefined || !('frame' in held.real)) return {} as VideoFrame;
  held.loan.cloned = true;
  // What a handle of decoded frames shows.
  return held.real.frame as VideoFrame;
}

export const lifeMoves: Readonly<Record<string, Move>> = {
  configure(world, { pool, pick, how }) {
    const player = playerOf(world, pool);
    if (player === null) return null;
    const { model, kind, name } = player;
    const { capacity, initial, maxBytes } = model.settings;
    const size = sizeBy(pick);
    const [options, settings] = oneOf(
      [
        [
          { capacity: 1 + (pick % 5) },
          { capacity: 1 + (pick % 5), initial: Math.min(initial, 1 + (pick % 5)) },
        ],
        [{ storage: storageOf(kind, size) }, isDecoded(player) ? {} : { size }],
        [
          { maxBytes: pick % 3 === 0 ? Infinity : 1024 * pick },
          { maxBytes: pick % 3 === 0 ? Infinity : 1024 * pick },
        ],
        [{ initial: isDecoded(player) ? 0 : pick % 4 }, { initial: isDecoded(player) ? 0 : pick % 4 }],
        [{ capacity, maxBytes }, {}],
      ] as const,
      how,
    );
    const isNew = 'size' in settings;
    both(`${name}: configure()`, null, () => {
      const failure = failureOf(() => player.pool.configure(options));
      same(
        `${name}: configure()`,
        failure,
        model.configure({ ...model.settings, ...settings }, isNew) ?? 'none',
      );
    });
    return `${name}: ${JSON.stringify(settings)} configured`;
  },
  commit(world, { pool }) {
    const player = playerOf(world, pool);
    if (player === null) return null;
    const failure = failureOf(() => player.pool.commit());
    same(`${player.name}: commit()`, failure, player.model.commit() ?? 'none');
    return `${player.name}: committed`;
  },
  decommit(world, { pool }) {
    const player = playerOf(world, pool);
    if (player === null) return null;
    const number = world.number();
    void player.pool.decommit().then((isHome) => player.settled.push(`${number} ${isHome}`));
    player.model.decommit(number);
    return `${player.name}: decommitted`;
  },
  close(world, { pool, how }) {
    const player = playerOf(world, pool);
    // Seldom: there is little to do with a closed pool.
    if (player === null || how !== 0) return null;
    player.pool.close();
    player.model.close();
    return `${player.name}: closed`;
  },
  trim(world, { pool }) {
    const player = playerOf(world, pool);
    player?.pool.trim();
    player?.model.giveUp(0);
    return player === null ? null : `${player.name}: trimmed`;
  },
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
  wrong(world, { pool: at, pick, how }) {
    const player = playerOf(world, at);
    if (player === null) return null;
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
    both(`${name}: what is wrong`, error, call);
    same('a frame that was not taken over', frame.codedWidth > 0, true);
    frame.close();
    return `${name}: something wrong, ${how % 5}`;
  },
  listen(world, { pool, pick, how }) {
    const player = playerOf(world, pool);
    return player === null ? null : hearing(world, player, pick, how);
  },
};
