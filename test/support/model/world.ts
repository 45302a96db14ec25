/**
 * World of a program: the library's pools and their models side by side. It makes each call to both, and compares after every
 * call.
 */
import { vi } from 'vitest';
import type { FrameHandle, FramePermit, PoolNotice, Storage } from '../../../src/index.ts';
import { FrameBudget } from '../../../src/index.ts';
import { budgetBehind } from '../../../src/pool/budget.ts';
import { ManualClock } from '../../../src/testing/manual-clock.ts';
import { BudgetModel } from './budget-model.ts';
import { compareAccount, compareHolders, outcomeOf, same } from './comparing.ts';
import { itemOf } from './choosing.ts';
import type { Course, ModelLoan, ModelPicture, ModelShare, Waiter } from './model-loan.ts';
import { bytesOf, nameOf } from './model-loan.ts';
import type { Held, Player, Setup } from './players.ts';
import { makePlayer } from './players.ts';
import { canvasesOpen, fakeContext } from '../fake-canvas.ts';
import { microtasks, nextTask } from '../fake-outcomes.ts';
import { FakeRegistry, takeRegistries } from '../fake-registry.ts';
import { openFrames } from '../fake-video-frame.ts';

type Handle = FrameHandle<Storage>;

/** Message of the errors that listeners throw. No other code uses it. */
export const THROWN = 'a listener threw';

/** More tasks than listeners can delay their notices by: each acts a few times, and is silent then. */
const MOST_TASKS = 16;

const STACK_TRACE_LIMIT = Error.stackTraceLimit;

/** Restores the globals that the constructor of `World` has replaced. */
export function restoreGlobals(): void {
  Error.stackTraceLimit = STACK_TRACE_LIMIT;
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
}

export class World {
  readonly clock = new ManualClock();
  readonly course: Course = { now: 0, rests: 0, isFull: false, granted: [] };
  readonly players: Player[];
  readonly handles: Held<Handle>[] = [];
  readonly permits: Held<FramePermit>[] = [];
  /** Shares that the program dropped without releasing them. */
  readonly forgotten = new Set<ModelShare>();
  readonly spent: Handle[] = [];
  /** Frames that the program owns. */
  readonly own: VideoFrame[] = [];
  readonly signals: AbortController[] = [];
  /** Functions that settle the promises given to `releaseAfter()`. */
  readonly works: (() => void)[] = [];
  /** Requests whose promise has not settled yet: they wait, or their result is in transit. */
  readonly asked = new Set<Waiter>();
  /** Log of the moves so far, one line each. */
  readonly log: string[] = [];
  readonly budget: FrameBudget | null;
  readonly budgetModel: BudgetModel | null;
  /** Uncaught errors. */
  readonly #reported: unknown[] = [];
  readonly #warnings: unknown[] = [];
  #numbers = 0;
  #step = 0;

  /** Replaces the finalization registry, `reportError()` and the console, until `restoreGlobals()`. */
  constructor({ pools, budget }: Setup, hasStacks: boolean) {
    takeRegistries();
    // Stack traces of expected errors would take most of a program's time.
    if (!hasStacks) Error.stackTraceLimit = 0;
    vi.stubGlobal('FinalizationRegistry', FakeRegistry);
    vi.stubGlobal('reportError', (error: unknown) => {
      if (!(error instanceof Error && error.message === THROWN)) this.#reported.push(error);
    });
    vi.spyOn(console, 'warn').mockImplementation((...words) => void this.#warnings.push(words));
    this.budget = budget === null ? null : new FrameBudget(budget);
    this.budgetModel = budget === null ? null : new BudgetModel(budget.maxBytes, budget.maxFrames);
    this.players = pools.map((setup, index) => makePlayer(setup, `${setup.kind} ${index}`, this));
  }

  number(): number {
    return ++this.#numbers;
  }

  // ---- shares ----

  /** Makes a request that may wait. The result is compared when its promise settles. */
  ask(
    player: Player,
    waiter: Pick<Waiter, 'holder' | 'signal' | 'picture'>,
    call: () => Promise<Handle | FramePermit>,
  ): void {
    const asked: Waiter = { number: this.number(), pool: player.model, outcome: null, ...waiter };
    const answer = call();
    player.model.ask(asked);
    this.asked.add(asked);
    answer
      .then(
        (given) => this.guard(() => this.#keep(player, asked, given)),
        (error: unknown) =>
          this.guard(() => same(`${player.name}: the outcome of the wait`, nameOf(error), answerOf(asked))),
      )
      .finally(() => this.asked.delete(asked));
  }

  #keep(player: Player, asked: Waiter, given: Handle | FramePermit): void {
    const { outcome: loan, picture } = asked;
    if (loan === null || typeof loan === 'string') {
      throw new Error(`${player.name}: the library grants ${asked.number}, the model ${answerOf(asked)}`);
    }
    const { granted } = this.course;
    if (picture === null) same('the next waiter', asked.number, granted.shift()?.number);
    this.keep(player, loan, given, picture);
  }

  /** Adds a permit or a handle to the program's own. */
  keep(player: Player, loan: ModelLoan, real: Handle | FramePermit, picture?: ModelPicture | null): void {
    const share = firstShare(loan);
    if ('adopt' in real) this.permits.push({ player, loan, share, real });
    else {
      lookAt(real, loan, share.holder, picture != null);
      this.handles.push(this.#watch({ player, loan, share, real }));
    }
  }

  /**
   * Reports every `retain()` and `release()` to the model immediately, because the library also makes and releases shares, at
   * times of its own.
   */
  #watch(held: Held<Handle>): Held<Handle> {
    const { player, loan, share, real } = held;
    const retain = real.retain.bind(real);
    const release = real.release.bind(real);
    real.release = () => {
      const isDue = !real.released;
      release();
      if (isDue) player.model.drop(loan, share);
    };
    real.retain = (holder) => {
      const other = retain(holder);
      const another = player.model.share(holder);
      loan.shares.push(another);
      this.#watch({ player, loan, share: another, real: other });
      return other;
    };
    return held;
  }

  /** Adds the newest share of a loan to the program's handles. */
  retained({ player, loan }: Held<Handle>, real: Handle): void {
    const share = loan.shares.at(-1) ?? firstShare(loan);
    this.handles.push({ player, loan, share, real });
  }

  // ---- comparing ----

  /** Runs a check in a callback. Its error is thrown at the next check. */
  guard(look: () => void): void {
    try {
      look();
    } catch (error) {
      this.#reported.push(error);
    }
  }

  /** Compares a notice with the next notice of the model. */
  notice(player: Player, { reason, discarded, freeCount, holders }: PoolNotice): void {
    this.guard(() => {
      const [next] = player.model.notices.splice(0, 1);
      const actual = JSON.stringify({ reason, discarded, freeCount, holders: holders.join() });
      same(`${player.name}: the notice`, actual, JSON.stringify(next));
    });
  }

  /** Checks the invariants that hold at every moment. */
  check(): void {
    if (this.#reported.length > 0) throw this.#reported[0];
    let frames = this.own.length;
    let canvasCount = 0;
    for (const { name, pool, model, registry } of this.players) {
      compareAccount(name, pool.stats(), model);
      same(`${name}: entries of the leak detector`, registry.size, model.loans.size);
      same(`${name}: a waiter that could be served`, model.character.budget.next, null);
      if (model.character.kind === 'canvas')
        canvasCount += model.idle.length + model.lent + model.leftToCollector;
      if (model.isDecoded)
        for (const { kind, cloned } of model.loans) frames += (kind === 'lent' ? 1 : 0) + (cloned ? 1 : 0);
    }
    const warned = this.players.filter(({ model }) => model.hasWarned).length;
    same('warnings', this.#warnings.length, warned);
    same('canvases that have pixels', canvasesOpen(), canvasCount);
    this.#checkBudget();
    const waiting = [...this.asked].filter(({ outcome }) => outcome === null);
    // While a copy is made or rejected, the library has its source open for some microtasks.
    if (waiting.length === this.asked.size) {
      const given = waiting.filter(({ picture }) => picture !== null && picture.loan === null).length;
      same('frames opened and not closed', openFrames(), frames + given);
    }
    // One of each per step, because they cost more than all other checks.
    const step = this.#step++;
    const player = itemOf(this.players, step);
    if (player !== undefined) compareHolders(player.name, player.pool, player.model);
    const old = itemOf(this.spent, step);
    if (old !== undefined) same('a released handle', readingOf(old), 'InvalidStateError');
  }

  #checkBudget(): void {
    const [budget, model] = [this.budget, this.budgetModel];
    if (budget === null || model === null) return;
    same('bytes of the budget', budget.bytes, model.bytes);
    same('frames of the budget', budget.frames, model.frames);
    const account = budgetBehind(budget);
    same('promised bytes', account?.reserved, model.promised);
    same('frames beyond the budget', account?.overFrames, model.overFrames);
    same('bytes beyond the budget', account?.overBytes, model.overBytes);
    same('first frames beyond the budget', account?.firstFrames, model.hasFirstFrame ? 1 : 0);
    same('the largest loan', account?.loanSizes.largest, model.largest);
    same('the limit of frames', model.hasFrame(0), true);
    same('the limit of bytes, promises included', model.fits(model.promised), true);
    if (model.pools.some(({ idle }) => idle.length > 0)) {
      same('idle buffers are freed first', model.bytes + model.promised <= model.maxBytes, true);
    }
  }

  /** Runs all microtasks, and compares their results. */
  async flush(): Promise<void> {
    await this.#notified();
    for (const { name, model, settled } of this.players) {
      // Without a listener the notices are lost.
      if (!model.isListening) model.notices.length = 0;
      same(`${name}: missing notices`, model.notices.length, 0);
      same(`${name}: decommits`, settled.splice(0).join(), model.settled.splice(0).join());
    }
    for (const asked of this.asked)
      same(
        `the outcome of wait ${asked.number}`,
        'nothing',
        asked.outcome === null ? 'nothing' : answerOf(asked),
      );
    same('grants without a waiter', this.course.granted.length, 0);
    this.check();
  }

  /** Waits for the due notices. A release inside a listener is reported one task later. */
  async #notified(): Promise<void> {
    await microtasks();
    const isDue = (): boolean => this.players.some(({ model }) => model.notices.length > 0);
    const isHeard = (): boolean =>
      this.players.some(({ model }) => model.isListening && model.notices.length > 0);
    for (let left = MOST_TASKS; left > 0 && isHeard(); left--) await nextTask();
    // The last notice is dropped if the pool's listener was removed before it was due.
    if (isDue()) await nextTask();
  }

  /** Whether the set of pending notices is known. */
  get isPlain(): boolean {
    return this.players.every(({ model }) => model.isListening || model.notices.length === 0);
  }
}

const firstShare = ({ shares }: ModelLoan): ModelShare => {
  const [share] = shares;
  if (share === undefined) throw new Error('a loan without a share');
  return share;
};

const answerOf = ({ outcome }: Waiter): string =>
  typeof outcome === 'string' ? outcome : outcome === null ? 'a wait' : 'a grant';

/** Compares a new handle with the model. It must show nothing of its last holder. */
function lookAt(handle: Handle, loan: ModelLoan, holder: string | undefined, isCopy: boolean): void {
  const { buffer, timestamp, duration } = loan;
  same('a new handle is released', handle.released, false);
  same('the holder', handle.holder, holder);
  same('the time', `${handle.timestamp} ${handle.duration}`, `${timestamp} ${duration}`);
  if (buffer === null) return;
  if ('context' in handle && 'canvas' in handle) {
    // A handle with a context is a handle of a canvas. The general type does not declare the context's type.
    const { drawn, isPristine } = fakeContext(handle.context as OffscreenCanvasRenderingContext2D);
    buffer.real ??= handle.canvas as OffscreenCanvas;
    same('the most recently used buffer', handle.canvas === buffer.real, true);
    same('pictures on it', drawn.length, isCopy ? 1 : 0);
    same('like new', isPristine, !isCopy);
  } else if ('data' in handle) {
    const data = handle.data as Uint8Array;
    if (buffer.real !== null) same('the last holder’s view', (buffer.real as Uint8Array).length, 0);
    buffer.real = data;
    same('the bytes', data.length, bytesOf(buffer.size));
  }
}

/** The name of the error that reading through a released handle throws. */
const readingOf = (handle: Handle): string =>
  outcomeOf(() =>
    'frame' in handle ? handle.frame : 'canvas' in handle ? handle.canvas : 'data' in handle && handle.data,
  ).name;
