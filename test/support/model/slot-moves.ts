/** Moves with slots: acquire, fill with a frame, share, read, damage and release. */
import type { CanvasStorage, FrameHandle, Storage, VideoFramePool } from '../../../src/index.ts';
import { coreOf } from '../../../src/pool/pool.ts';
import { copyAndClose } from '../copying.ts';
import { FakeOffscreenCanvas } from '../fake-canvas.ts';
import type { Choice, Move } from './choosing.ts';
import {
  frameBy,
  holderBy,
  isDecoded,
  itemOf,
  onPool,
  onPoolOf,
  oneOf,
  sizeBy,
  withTaken,
} from './choosing.ts';
import { both, outcomeOf, same } from './comparing.ts';
import { abortModels, abortMove } from './listeners.ts';
import type { ModelBuffer, ModelLoan } from './model-loan.ts';
import type { Player } from './players.ts';
import type { World } from './world.ts';

function signalBy(world: World, choice: Choice): AbortSignal | undefined {
  const { how, pick } = choice;
  if (how % 4 === 0) return undefined;
  if (how % 4 === 1 && world.signals.length > 0) return oneOf(world.signals, pick).signal;
  const controller = new AbortController();
  world.signals.push(controller);
  if (how % 4 === 2) abortMove(world, controller.signal, choice);
  return controller.signal;
}

/** Checks the result of a frame given to a pool: a handle, or an error and a closed frame. */
function adopted(
  world: World,
  player: Player,
  frame: VideoFrame,
  adopt: () => FrameHandle<Storage>,
  model: () => ModelLoan | string,
): string {
  const { value, name } = outcomeOf(adopt);
  const loan = model();
  same(`${player.name}: adopt()`, name, typeof loan === 'string' ? loan : 'none');
  if (typeof loan === 'string' || value === null) {
    same('a rejected frame is closed', frame.codedWidth, 0);
    return `${player.name}: a frame rejected with ${name}`;
  }
  world.keep(player, loan, value);
  return `${player.name}: a frame of ${loan.bytes} bytes adopted`;
}

/** Loses the context of a canvas, or detaches memory. */
function harm(buffer: ModelBuffer): boolean {
  const { real } = buffer;
  if (buffer.harmed || real === null) return false;
  if (real instanceof FakeOffscreenCanvas) real.getContext('2d')?.lose();
  else {
    const { buffer: bytes } = real as Uint8Array;
    if (bytes.byteLength === 0) return false;
    structuredClone(bytes, { transfer: [bytes as ArrayBuffer] });
  }
  buffer.harmed = true;
  return true;
}

export const slotMoves: Readonly<Record<string, Move>> = {
  take: onPool((world, player, { how }) => {
    const { model, name, pool } = player;
    const holder = holderBy(how);
    const { value, name: failure } = outcomeOf(() =>
      isDecoded(player) ? pool.tryReserve({ holder }) : pool.tryAcquire({ holder }),
    );
    const loan = model.state === 'active' ? model.take(holder) : 'InvalidStateError';
    same(`${name}: tryAcquire() or tryReserve()`, failure, typeof loan === 'string' ? loan : 'none');
    same(`${name}: the free count`, value !== null, loan !== null && typeof loan !== 'string');
    if (value !== null && loan !== null && typeof loan !== 'string') world.keep(player, loan, value);
    return `${name}: takes ${value === null ? 'nothing' : 'one'}`;
  }),
  ask: onPool((world, player, choice) => {
    const options = { holder: holderBy(choice.pick), signal: signalBy(world, choice) };
    world.ask(player, { ...options, picture: null }, () =>
      isDecoded(player) ? player.pool.reserve(options) : player.pool.acquire(options),
    );
    return `${player.name}: asks`;
  }),
  copyFrom: onPoolOf(['canvas'], (world, player, choice) => {
    const { pick, how } = choice;
    const sizeChange = oneOf(['scale', 'reconfigure', 'reject', 'reconfigure'] as const, how);
    const asked = { holder: holderBy(pick), signal: signalBy(world, { ...choice, how: how >> 2 }) };
    const options = { ...asked, sizeChange };
    // The general type of a player's pool does not express that this is a pool of buffers.
    const pool = player.pool as unknown as VideoFramePool<CanvasStorage>;
    // A damaged buffer has no picture.
    const whole = world.handles.filter(({ loan }) => loan.buffer?.harmed !== true);
    const source = (how % 3 === 0 ? undefined : itemOf(whole, pick)) ?? frameBy(pick, how);
    const loan = 'loan' in source ? source.loan : null;
    const { timestamp, duration, size } = 'loan' in source ? source.loan : source.facts;
    const picture = { timestamp, duration, size: size ?? sizeBy(0), sizeChange, loan };
    world.ask(player, { ...asked, picture }, () =>
      'loan' in source ? source.real.copyTo(pool, options) : copyAndClose(pool, source.frame, options),
    );
    return `${player.name}: copies from ${'loan' in source ? source.player.name : 'a frame'}, ${sizeChange}`;
  }),
  abort(world, { pick, how }) {
    const fresh = world.signals.filter(({ signal }) => !signal.aborted);
    const controller = itemOf(fresh, pick);
    if (controller === undefined) return null;
    const reason = how % 2 === 0 ? undefined : Object.assign(new Error('enough'), { name: 'Enough' });
    controller.abort(reason);
    abortModels(world, controller.signal);
    return 'a signal fires';
  },
  adopt: onPoolOf(['decoded'], (world, player, { pick, how }) => {
    const { frame, facts } = frameBy(pick, how);
    const holder = holderBy(how);
    const adopt = (): FrameHandle<Storage> => player.pool.adopt(frame, { holder });
    return adopted(world, player, frame, adopt, () => player.model.adopt(facts, holder));
  }),
  fulfil: withTaken('permits', ({ player, loan, real }, world, { pick, how }) => {
    const { frame, facts } = frameBy(pick, how);
    const [holder, beyond] = [holderBy(how), how % 5 === 0];
    const adopt = (): FrameHandle<Storage> =>
      beyond ? real.put(frame, holder, true) : real.adopt(frame, { holder });
    const model = (): ModelLoan | string => player.model.fulfil(loan, facts, holder, beyond);
    const done = adopted(world, player, frame, adopt, model);
    same('a spent permit', real.released, true);
    return `on a permit: ${done}`;
  }),
  lag: onPoolOf(['decoded'], (world, player, { pick, how }) => {
    if (player.model.state !== 'active' || player.model.overcommitted > 3) return null;
    const { frame, facts } = frameBy(pick, how);
    const holder = holderBy(how);
    const admit = (): FrameHandle<Storage> => coreOf(player.pool).admit(frame, holder, true);
    return `beyond the permits: ${adopted(world, player, frame, admit, () => player.model.admit(facts, holder))}`;
  }),
  releasePermit: withTaken('permits', ({ player, loan, share, real }, _world, { pick }) => {
    real.release();
    player.model.drop(loan, share);
    real.release();
    const { frame } = frameBy(pick, 0);
    both('adopt() on a spent permit', 'InvalidStateError', () => real.adopt(frame));
    same('a rejected frame is closed', frame.codedWidth, 0);
    return `${player.name}: a permit released`;
  }),
  read({ handles }, { pick, how }) {
    const held = itemOf(handles, pick);
    if (held === undefined || !('frame' in held.real)) return null;
    // A handle of decoded frames has a frame.
    const frame = held.real.frame as VideoFrame;
    same('a held frame is open', frame.codedWidth, held.loan.size?.width);
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
  closeOwn: withTaken('own', (frame) => {
    frame.close();
    return 'a frame of its own closed';
  }),
  release: withTaken('handles', ({ player, real }, { spent }) => {
    real.release();
    spent.push(real);
    same('released', real.released, true);
    return `${player.name}: a share released`;
  }),
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
  releaseAfter: withTaken('handles', ({ player, real }, { works, spent }, { how }) => {
    const done = new Promise<void>((resolve, reject) => {
      works.push(how % 2 === 0 ? resolve : () => reject(new Error('lost')));
    });
    real.releaseAfter(done);
    spent.push(real);
    return `${player.name}: a share to be released after work`;
  }),
  endWork: withTaken('works', (end) => {
    end();
    return 'work done';
  }),
  forget(world, choice) {
    const forget = withTaken(choice.how % 2 === 0 ? 'handles' : 'permits', ({ player, share }) => {
      world.forgotten.add(share);
      return `${player.name}: a share forgotten`;
    });
    return forget(world, choice);
  },
  collect: onPool(({ forgotten }, { model, registry, name }, { pick }) => {
    const loans = [...model.loans];
    const lost = loans.filter(({ shares }) => shares.every((share) => forgotten.has(share)));
    const loan = itemOf(lost, pick);
    if (loan === undefined) return null;
    // The registry watches the loans that are out, in the order in which they were lent.
    registry.collect(loans.indexOf(loan));
    model.recover(loan);
    return `${name}: a forgotten slot recovered`;
  }),
  harm: onPoolOf(['canvas', 'memory'], ({ asked }, { kind, model, name }, { pick, how }) => {
    const sources = new Set([...asked].map(({ picture }) => picture?.loan));
    const out = [...model.loans].filter((loan) => !sources.has(loan)).map(({ buffer }) => buffer);
    const buffer = itemOf(how % 2 === 0 ? out : kind === 'canvas' ? model.idle : [], pick) ?? null;
    return buffer !== null && harm(buffer) ? `${name}: a buffer is damaged` : null;
  }),
};
