/** Moves that ask for a slot: at once, with a wait, with a picture. */
import type { CanvasStorage, FrameHandle, Storage, VideoFramePool } from '../../../src/index.ts';
import type { Choice, Move } from './choosing.ts';
import { frameBy, given, holderBy, isCanvas, isDecoded, oneOf, playerOf, sizeBy } from './choosing.ts';
import { same } from './comparing.ts';
import { abortModels, hearingAbort } from './listeners.ts';
import type { ModelPicture } from './model-loan.ts';
import type { Held } from './players.ts';
import type { World } from './world.ts';

function signalBy(world: World, choice: Choice): AbortSignal | undefined {
  const { how, pick } = choice;
  if (how % 4 === 0) return undefined;
  if (how % 4 === 1 && world.signals.length > 0) return oneOf(world.signals, pick).signal;
  const controller = new AbortController();
  world.signals.push(controller);
  if (how % 4 === 2) hearingAbort(world, controller.signal, choice);
  return controller.signal;
}

export const askingMoves: Readonly<Record<string, Move>> = {
  take(world, { pool, how }) {
    const player = playerOf(world, pool);
    if (player === null) return null;
    const { model, name } = player;
    const holder = holderBy(how);
    const real = player.pool;
    const { value, name: failure } = given(() =>
      isDecoded(player) ? real.tryReserve({ holder }) : real.tryAcquire({ holder }),
    );
    const loan = model.state === 'active' ? model.take(holder) : 'InvalidStateError';
    same(`${name}: asking at once`, failure, typeof loan === 'string' ? loan : 'none');
    same(`${name}: what is free`, value !== null, loan !== null && typeof loan !== 'string');
    if (value !== null && loan !== null && typeof loan !== 'string') {
      if ('adopt' in value) world.keepPermit(player, loan, value);
      else world.keep(player, loan, value);
    }
    return `${name}: takes ${value === null ? 'nothing' : 'one'}`;
  },
  ask(world, choice) {
    const { pool, pick } = choice;
    const player = playerOf(world, pool);
    if (player === null) return null;
    const [holder, signal] = [holderBy(pick), signalBy(world, choice)];
    const options = { holder, signal };
    world.ask(player, { holder, signal, picture: null }, () =>
      isDecoded(player) ? player.pool.reserve(options) : player.pool.acquire(options),
    );
    return `${player.name}: asks`;
  },
  capture(world, choice) {
    const { pool: at, pick, how } = choice;
    const player = playerOf(world, at, isCanvas);
    if (player === null) return null;
    const sizeChange = oneOf(['fit', 'reconfigure', 'refuse', 'reconfigure'] as const, how);
    const [holder, signal] = [holderBy(pick), signalBy(world, { ...choice, how: how >> 2 })];
    const options = { holder, signal, sizeChange };
    const source = takesHandle(world, pick, how);
    if (source === null) {
      const { frame, facts } = frameBy(pick, how);
      const { timestamp, duration, size } = facts;
      const picture: ModelPicture = { timestamp, duration, size: size ?? sizeBy(0), sizeChange, loan: null };
      world.ask(player, { holder, signal, picture }, () => player.pool.capture(frame, options));
      return `${player.name}: captures a frame, ${sizeChange}`;
    }
    const { loan, real } = source;
    const { timestamp, duration } = loan;
    const picture = { timestamp, duration, size: loan.size ?? sizeBy(0), sizeChange, loan };
    // The general type of a player's pool says nothing of buffers, which these are.
    const pool = player.pool as unknown as VideoFramePool<CanvasStorage>;
    world.ask(player, { holder, signal, picture }, () => real.copyTo(pool, options));
    return `${player.name}: captures from ${source.player.name}, ${sizeChange}`;
  },
  abort(world, { pick, how }) {
    const fresh = world.signals.filter(({ signal }) => !signal.aborted);
    const controller = fresh[pick % Math.max(1, fresh.length)];
    if (controller === undefined) return null;
    const reason = how % 2 === 0 ? undefined : Object.assign(new Error('enough'), { name: 'Enough' });
    controller.abort(reason);
    abortModels(world, controller.signal);
    return 'a signal fires';
  },
};

/** A handle to copy from; of a buffer that came to harm there is no picture. */
function takesHandle({ handles }: World, pick: number, how: number): Held<FrameHandle<Storage>> | null {
  if (how % 3 === 0) return null;
  const whole = handles.filter(({ loan }) => loan.buffer?.harmed !== true);
  return whole[pick % Math.max(1, whole.length)] ?? null;
}
