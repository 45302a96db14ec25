/** Moves of a pool's life: settings, its end, time, listeners. */
import type { Move } from './choosing.ts';
import { both, isDecoded, oneOf, playerOf, sizeBy } from './choosing.ts';
import { failureOf, same } from './comparing.ts';
import { hearing } from './listeners.ts';
import { storageOf } from './players.ts';

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
  listen(world, { pool, pick, how }) {
    const player = playerOf(world, pool);
    return player === null ? null : hearing(world, player, pick, how);
  },
};
