/** The moves of a program: each makes one call to the library, and the same to the model. */
import type { FrameHandle, Storage } from '../../../src/index.ts';
import { coreOf } from '../../../src/pool/pool.ts';
import { makeFrame } from '../fake-video-frame.ts';
import { same } from './comparing.ts';
import { harm } from './content.ts';
import { hearing } from './listeners.ts';
import type { ModelFrame, ModelLoan, ModelPicture, Size } from './model-loan.ts';
import { bytesOf, nameOf } from './model-loan.ts';
import type { Held, Player, World } from './world.ts';
import { failureOf, storageOf } from './world.ts';

/** What a move chooses by: any numbers will do. */
export interface Choice {
  /** Which pool. */
  readonly pool: number;
  /** Which of what there is. */
  readonly pick: number;
  /** How. */
  readonly how: number;
}

/** What was done, in words; null where there was nothing to do. */
type Move = (world: World, choice: Choice) => string | null;

/** Bytes of a quarter of the usual buffer, of one, two and eight. */
export const SIZES: readonly Size[] = [
  { width: 16, height: 16 },
  { width: 8, height: 8 },
  { width: 32, height: 16 },
  { width: 64, height: 32 },
];
const HOLDERS = [undefined, 'a', 'b'] as const;

export function oneOf<T>(list: readonly T[], index: number): T {
  const one = list[index % list.length];
  if (one === undefined) throw new RangeError('nothing to choose from');
  return one;
}
const sizeBy = (how: number): Size => oneOf(SIZES, how);
const holderBy = (how: number): string | undefined => HOLDERS[how % HOLDERS.length];
const takeOne = <T>(list: T[], pick: number): T | undefined => list.splice(pick % Math.max(1, list.length), 1)[0];

function playerOf({ players }: World, pool: number, which: (player: Player) => boolean = () => true): Player | null {
  const fitting = players.filter(which);
  return fitting[pool % Math.max(1, fitting.length)] ?? null;
}
const isDecoded = ({ kind }: Player): boolean => kind === 'decoded';
const isBuffers = ({ kind }: Player): boolean => kind !== 'decoded';
const isCanvas = ({ kind }: Player): boolean => kind === 'canvas';

/** A frame of one of the sizes, whose bytes can be told or not. */
function frameBy(pick: number, how: number): { frame: VideoFrame; facts: ModelFrame } {
  const size = sizeBy(pick);
  const [timestamp, duration] = [pick * 10, how % 2 === 0 ? null : 5];
  const isOpaque = how % 3 !== 0;
  const init = { codedWidth: size.width, codedHeight: size.height, timestamp, duration };
  const bytes = isOpaque ? bytesOf(size) : (bytesOf(size) * 3) / 8;
  return {
    frame: makeFrame({ ...init, format: isOpaque ? null : 'I420' }),
    facts: { bytes, estimated: isOpaque, size, timestamp, duration },
  };
}

function signalBy(world: World, how: number): AbortSignal | undefined {
  if (how % 4 === 0) return undefined;
  if (how % 4 === 1 && world.signals.length > 0) return oneOf(world.signals, how).signal;
  const controller = new AbortController();
  world.signals.push(controller);
  return controller.signal;
}

/** Both refuse with an error of this name, or neither does. */
function both(what: string, model: string | null, call: () => unknown): void {
  same(what, failureOf(call), model ?? 'none');
}

/** What a call gives, or the name of what it throws. */
function given<T>(call: () => T): { value: T | null; name: string } {
  try {
    return { value: call(), name: 'none' };
  } catch (error) {
    return { value: null, name: nameOf(error) };
  }
}

/** A frame was handed over: a handle, or an error and a closed frame. */
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

function spend(world: World, held: Held<FrameHandle<Storage>>): void {
  held.real.release();
  world.spent.push(held.real);
  same('released', held.real.released, true);
}

const asking: Record<string, Move> = {
  take(world, { pool, how }) {
    const player = playerOf(world, pool);
    if (player === null) return null;
    const { model, name } = player;
    const holder = holderBy(how);
    const real = player.pool;
    const { value, name: failure } = given(() =>
      isDecoded(player) ? real.tryReserve({ holder }) : real.tryAcquire({ holder }),
    );
    const isActive = model.state === 'active';
    same(`${name}: asking at once`, failure, isActive ? 'none' : 'InvalidStateError');
    const loan = isActive ? model.take(holder) : null;
    same(`${name}: what is free`, value !== null, loan !== null);
    if (value !== null && loan !== null) {
      if ('adopt' in value) world.keepPermit(player, loan, value);
      else world.keep(player, loan, value);
    }
    return `${name}: takes ${value === null ? 'nothing' : 'one'}`;
  },
  ask(world, { pool, pick, how }) {
    const player = playerOf(world, pool);
    if (player === null) return null;
    const [holder, signal] = [holderBy(pick), signalBy(world, how)];
    const options = { holder, signal };
    world.ask(player, { holder, signal, picture: null }, () =>
      isDecoded(player) ? player.pool.reserve(options) : player.pool.acquire(options),
    );
    return `${player.name}: asks`;
  },
  capture(world, { pool, pick, how }) {
    const player = playerOf(world, pool, isCanvas);
    if (player === null) return null;
    const sizeChange = oneOf(['fit', 'reconfigure', 'refuse', 'reconfigure'] as const, how);
    const [holder, signal] = [holderBy(pick), signalBy(world, how >> 2)];
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
    world.ask(player, { holder, signal, picture }, () => player.pool.capture(real, options));
    return `${player.name}: captures from ${source.player.name}, ${sizeChange}`;
  },
  abort(world, { pick, how }) {
    const fresh = world.signals.filter(({ signal }) => !signal.aborted);
    const controller = fresh[pick % Math.max(1, fresh.length)];
    if (controller === undefined) return null;
    const reason = how % 2 === 0 ? undefined : Object.assign(new Error('enough'), { name: 'Enough' });
    controller.abort(reason);
    const budgets = new Set(world.players.map(({ model }) => model.character.budget));
    for (const budget of budgets) budget.abort(controller.signal, nameOf(controller.signal.reason));
    return 'a signal fires';
  },
};

/** A handle to copy from; of a buffer that came to harm there is no picture. */
function takesHandle({ handles }: World, pick: number, how: number): Held<FrameHandle<Storage>> | null {
  if (how % 3 === 0) return null;
  const whole = handles.filter(({ loan }) => loan.buffer?.harmed !== true);
  return whole[pick % Math.max(1, whole.length)] ?? null;
}

const frames: Record<string, Move> = {
  adopt(world, { pool, pick, how }) {
    const player = playerOf(world, pool, isDecoded);
    if (player === null) return null;
    const { frame, facts } = frameBy(pick, how);
    const holder = holderBy(how);
    const adopt = (): FrameHandle<Storage> => player.pool.adopt(frame, { holder });
    return adopted(world, player, frame, adopt, () => player.model.adopt(facts, holder));
  },
  fulfil(world, { pick, how }) {
    const held = takeOne(world.permits, pick);
    if (held === undefined) return null;
    const { player, loan, real } = held;
    const { frame, facts } = frameBy(pick, how);
    const [holder, beyond] = [holderBy(how), how % 5 === 0];
    const adopt = (): FrameHandle<Storage> =>
      beyond ? real.put(frame, holder, true) : real.adopt(frame, { holder });
    const done = adopted(world, player, frame, adopt, () => player.model.fulfil(loan, facts, holder, beyond));
    same('a spent permit', real.released, true);
    return `on a permit: ${done}`;
  },
  lag(world, { pool, pick, how }) {
    const player = playerOf(world, pool, isDecoded);
    if (player === null || player.model.state !== 'active' || player.model.surplus > 3) return null;
    const { frame, facts } = frameBy(pick, how);
    const holder = holderBy(how);
    const admit = (): FrameHandle<Storage> => coreOf(player.pool).admit(frame, holder, true);
    return `beyond the permits: ${adopted(world, player, frame, admit, () => player.model.admit(facts, holder))}`;
  },
  giveBack(world, { pick }) {
    const held = takeOne(world.permits, pick);
    if (held === undefined) return null;
    held.real.release();
    held.player.model.drop(held.loan, held.share);
    held.real.release();
    const { frame } = frameBy(pick, 0);
    both('adopt() on a spent permit', 'InvalidStateError', () => held.real.adopt(frame));
    same('a refused frame is closed', frame.codedWidth, 0);
    return `${held.player.name}: a permit given back`;
  },
  read(world, { pick, how }) {
    const held = world.handles[pick % Math.max(1, world.handles.length)];
    if (held === undefined || !('frame' in held.real)) return null;
    // What a handle of decoded frames shows.
    const frame = held.real.frame as VideoFrame;
    same('what is held is open', frame.codedWidth, held.loan.size?.width);
    held.loan.cloned = true;
    if (how % 3 !== 0) return 'a frame read';
    frame.close();
    held.loan.cloned = false;
    return 'a lent frame closed by its reader';
  },
  toVideoFrame(world, { pick }) {
    const held = world.handles[pick % Math.max(1, world.handles.length)];
    if (held === undefined || held.loan.buffer?.harmed === true) return null;
    world.own.push(held.real.toVideoFrame());
    return 'a frame of its own taken';
  },
  closeOwn(world, { pick }) {
    const frame = takeOne(world.own, pick);
    frame?.close();
    return frame === undefined ? null : 'a frame of its own closed';
  },
};

const shares: Record<string, Move> = {
  release(world, { pick }) {
    const held = takeOne(world.handles, pick);
    if (held === undefined) return null;
    spend(world, held);
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
    for (const late of [() => handle.retain(), () => handle.toVideoFrame(), () => handle.releaseAfter(Promise.resolve())])
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
    const out = [...model.loans].filter((loan) => ![...world.asked].some(({ picture }) => picture?.loan === loan));
    const buffers = how % 2 === 0 ? out.map(({ buffer }) => buffer) : player.kind === 'canvas' ? model.idle : [];
    const buffer = buffers[pick % Math.max(1, buffers.length)] ?? null;
    return buffer !== null && harm(buffer) ? `${player.name}: a buffer comes to harm` : null;
  },
};

const life: Record<string, Move> = {
  configure(world, { pool, pick, how }) {
    const player = playerOf(world, pool);
    if (player === null) return null;
    const { model, kind, name } = player;
    const { capacity, initial, maxBytes } = model.settings;
    const size = sizeBy(pick);
    const [options, settings] = oneOf(
      [
        [{ capacity: 1 + (pick % 5) }, { capacity: 1 + (pick % 5), initial: Math.min(initial, 1 + (pick % 5)) }],
        [{ storage: storageOf(kind, size) }, isDecoded(player) ? {} : { size }],
        [{ maxBytes: pick % 3 === 0 ? Infinity : 1024 * pick }, { maxBytes: pick % 3 === 0 ? Infinity : 1024 * pick }],
        [{ initial: isDecoded(player) ? 0 : pick % 4 }, { initial: isDecoded(player) ? 0 : pick % 4 }],
        [{ capacity, maxBytes }, {}],
      ] as const,
      how,
    );
    const isNew = 'size' in settings;
    both(`${name}: configure()`, null, () => {
      const failure = failureOf(() => player.pool.configure(options));
      same(`${name}: configure()`, failure, model.configure({ ...model.settings, ...settings }, isNew) ?? 'none');
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

/** All moves by their names. */
export const MOVES: Readonly<Record<string, Move>> = { ...asking, ...frames, ...shares, ...life };
