/** Moves with decoded frames: handed over, on permits and beyond them, read, spoilt. */
import type { FrameHandle, Storage } from '../../../src/index.ts';
import { coreOf } from '../../../src/pool/pool.ts';
import type { Move } from './choosing.ts';
import { both, frameBy, given, holderBy, itemOf, onPool, withTaken } from './choosing.ts';
import { same } from './comparing.ts';
import type { ModelLoan } from './model-loan.ts';
import type { Player } from './players.ts';
import type { World } from './world.ts';

/** A frame was handed over: the outcome is a handle, or an error and a closed frame. */
function adopted(
  world: World,
  player: Player,
  frame: VideoFrame,
  adopt: () => FrameHandle<Storage>,
  model: () => ModelLoan | string,
): string {
  const { value, name } = given(adopt);
  const loan = model();
  same(`${player.name}: adopt()`, name, typeof loan === 'string' ? loan : 'none');
  if (typeof loan === 'string' || value === null) {
    same('a refused frame is closed', frame.codedWidth, 0);
    return `${player.name}: a frame refused with ${name}`;
  }
  world.keep(player, loan, value);
  return `${player.name}: a frame of ${loan.bytes} bytes adopted`;
}

export const frameMoves: Readonly<Record<string, Move>> = {
  adopt: onPool(
    (world, player, { pick, how }) => {
      const { frame, facts } = frameBy(pick, how);
      const holder = holderBy(how);
      const adopt = (): FrameHandle<Storage> => player.pool.adopt(frame, { holder });
      return adopted(world, player, frame, adopt, () => player.model.adopt(facts, holder));
    },
    ['decoded'],
  ),
  fulfil: withTaken(
    ({ permits }) => permits,
    ({ player, loan, real }, world, { pick, how }) => {
      const { frame, facts } = frameBy(pick, how);
      const [holder, beyond] = [holderBy(how), how % 5 === 0];
      const adopt = (): FrameHandle<Storage> =>
        beyond ? real.put(frame, holder, true) : real.adopt(frame, { holder });
      const model = (): ModelLoan | string => player.model.fulfil(loan, facts, holder, beyond);
      const done = adopted(world, player, frame, adopt, model);
      same('a spent permit', real.released, true);
      return `on a permit: ${done}`;
    },
  ),
  lag: onPool(
    (world, player, { pick, how }) => {
      if (player.model.state !== 'active' || player.model.surplus > 3) return null;
      const { frame, facts } = frameBy(pick, how);
      const holder = holderBy(how);
      const admit = (): FrameHandle<Storage> => coreOf(player.pool).admit(frame, holder, true);
      return `beyond the permits: ${adopted(world, player, frame, admit, () => player.model.admit(facts, holder))}`;
    },
    ['decoded'],
  ),
  giveBack: withTaken(
    ({ permits }) => permits,
    ({ player, loan, share, real }, _world, { pick }) => {
      real.release();
      player.model.drop(loan, share);
      real.release();
      const { frame } = frameBy(pick, 0);
      both('adopt() on a spent permit', 'InvalidStateError', () => real.adopt(frame));
      same('a refused frame is closed', frame.codedWidth, 0);
      return `${player.name}: a permit given back`;
    },
  ),
  read({ handles }, { pick, how }) {
    const held = itemOf(handles, pick);
    if (held === undefined || !('frame' in held.real)) return null;
    // A handle of decoded frames shows a frame.
    const frame = held.real.frame as VideoFrame;
    same('what is held is open', frame.codedWidth, held.loan.size?.width);
    held.loan.cloned = true;
    if (how % 3 !== 0) return 'a frame read';
    frame.close();
    held.loan.cloned = false;
    return 'a lent frame closed by its reader';
  },
  toVideoFrame({ handles, own }, { pick }) {
    const held = itemOf(handles, pick);
    if (held === undefined || held.loan.buffer?.harmed === true) return null;
    own.push(held.real.toVideoFrame());
    return 'a frame of its own taken';
  },
  closeOwn: withTaken(
    ({ own }) => own,
    (frame) => {
      frame.close();
      return 'a frame of its own closed';
    },
  ),
};
