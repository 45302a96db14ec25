/** Moves that ask for a slot: at once, with a wait, with a picture. */
import type { CanvasStorage, FrameHandle, Storage, VideoFramePool } from '../../../src/index.ts';
import type { Choice, Move } from './choosing.ts';
import { frameBy, given, holderBy, isDecoded, itemOf, onPool, oneOf, sizeBy } from './choosing.ts';
import { same } from './comparing.ts';
import { abortModels, hearingAbort } from './listeners.ts';
import type { ModelFrame, ModelLoan, ModelPicture } from './model-loan.ts';
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
  take: onPool((world, player, { how }) => {
    const { model, name, pool } = player;
    const holder = holderBy(how);
    const { value, name: failure } = given(() =>
      isDecoded(player) ? pool.tryReserve({ holder }) : pool.tryAcquire({ holder }),
    );
    const loan = model.state === 'active' ? model.take(holder) : 'InvalidStateError';
    same(`${name}: asking at once`, failure, typeof loan === 'string' ? loan : 'none');
    same(`${name}: what is free`, value !== null, loan !== null && typeof loan !== 'string');
    if (value !== null && loan !== null && typeof loan !== 'string') world.keepAny(player, loan, value);
    return `${name}: takes ${value === null ? 'nothing' : 'one'}`;
  }),
  ask: onPool((world, player, choice) => {
    const options = { holder: holderBy(choice.pick), signal: signalBy(world, choice) };
    world.ask(player, { ...options, picture: null }, () =>
      isDecoded(player) ? player.pool.reserve(options) : player.pool.acquire(options),
    );
    return `${player.name}: asks`;
  }),
  capture: onPool(
    (world, player, choice) => {
      const { pick, how } = choice;
      const sizeChange = oneOf(['fit', 'reconfigure', 'refuse', 'reconfigure'] as const, how);
      const asked = { holder: holderBy(pick), signal: signalBy(world, { ...choice, how: how >> 2 }) };
      const options = { ...asked, sizeChange };
      // The general type of a player's pool says nothing of buffers, which these are.
      const pool = player.pool as unknown as VideoFramePool<CanvasStorage>;
      const source = sourceBy(world, pick, how);
      const pictureOf = (
        { timestamp, duration, size }: ModelFrame,
        loan: ModelLoan | null,
      ): ModelPicture => ({
        timestamp,
        duration,
        size: size ?? sizeBy(0),
        sizeChange,
        loan,
      });
      if (source === null) {
        const { frame, facts } = frameBy(pick, how);
        world.ask(player, { ...asked, picture: pictureOf(facts, null) }, () => pool.capture(frame, options));
      } else {
        const { loan, real } = source;
        world.ask(player, { ...asked, picture: pictureOf(loan, loan) }, () => real.copyTo(pool, options));
      }
      return `${player.name}: captures from ${source?.player.name ?? 'a frame'}, ${sizeChange}`;
    },
    ['canvas'],
  ),
  abort(world, { pick, how }) {
    const fresh = world.signals.filter(({ signal }) => !signal.aborted);
    const controller = itemOf(fresh, pick);
    if (controller === undefined) return null;
    const reason = how % 2 === 0 ? undefined : Object.assign(new Error('enough'), { name: 'Enough' });
    controller.abort(reason);
    abortModels(world, controller.signal);
    return 'a signal fires';
  },
};

/** A handle to copy from. A buffer that came to harm has no picture. */
const sourceBy = ({ handles }: World, pick: number, how: number): Held<FrameHandle<Storage>> | null =>
  how % 3 === 0
    ? null
    : (itemOf(
        handles.filter(({ loan }) => loan.buffer?.harmed !== true),
        pick,
      ) ?? null);
