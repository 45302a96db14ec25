/**
 * Model of a pool as its contract describes it: plain lists, without slots, storages or promises. The model test plays the same
 * program to this and to the library, and compares. Errors are names.
 */
import type { ModelFrame, ModelLoan, ModelNotice, ModelPicture, ModelShare, Waiter } from './model-loan.ts';
import { bytesOf, isGivenUp, nameOf } from './model-loan.ts';
import type { ModelCharacter, ModelSettings } from './stock-model.ts';
import { StockModel } from './stock-model.ts';

export class PoolModel extends StockModel {
  isListening = false;
  hasWarned = false;
  /** Number of buffers that leak detection took away from the pool, and left to the garbage collector. */
  leftToCollector = 0;
  /** Notices that were sent and not compared yet. */
  readonly notices: ModelNotice[] = [];
  readonly settled: string[] = [];
  #decommits: number[] = [];
  constructor(character: ModelCharacter, settings: ModelSettings) {
    super(character, settings);
    character.budget.pools.push(this);
    this.stock(this.stockable);
  }

  // ---- requests ----

  /** Makes a request that does not wait. */
  take(holder: string | undefined): ModelLoan | string | null {
    this.#serveAfterAbort();
    return this.hasRoom(null) ? this.#lend(holder, null) : null;
  }

  /** Makes a request that waits if there is no room. */
  ask(waiter: Waiter): void {
    const { picture, signal } = waiter;
    if (this.state === 'active' && signal?.aborted !== true) this.#serveAfterAbort();
    const hasToWait = !this.isUnclaimed && picture?.sizeChange !== 'reject';
    if (this.state !== 'active') waiter.outcome = 'InvalidStateError';
    else if (signal?.aborted === true) waiter.outcome = nameOf(signal.reason);
    else if (!hasToWait && !this.suits(picture)) waiter.outcome = 'RangeError';
    else if (this.hasRoom(picture)) this.#grant(waiter);
    else if (this.hasRoomBeside(picture)) this.queue.push(waiter);
    else waiter.outcome = 'QuotaExceededError';
  }

  /** For a request by an older listener of a fired signal: the waiters that the aborted waiter blocked come first. */
  #serveAfterAbort(): void {
    const [first] = this.queue;
    if (first !== undefined && isGivenUp(first)) this.character.budget.serve();
  }

  grant(waiter: Waiter): void {
    this.queue.splice(this.queue.indexOf(waiter), 1);
    if (this.suits(waiter.picture)) this.#grant(waiter);
    else waiter.outcome = 'RangeError';
  }

  #grant(waiter: Waiter): void {
    const wanted = this.wantedBy(waiter.picture);
    const refusal = wanted === null ? null : this.apply({ ...this.settings, size: wanted }, true);
    waiter.outcome = refusal ?? this.#lend(waiter.holder, waiter.picture);
    // Waiters of this pool that were skipped may fit now.
    if (wanted !== null && refusal === null) this.character.budget.serve();
    // A copy takes an unknown time.
    if (waiter.picture === null && typeof waiter.outcome !== 'string')
      this.character.course.granted.push(waiter);
  }

  // ---- lending ----

  #lend(holder: string | undefined, picture: ModelPicture | null): ModelLoan | string {
    const { budget, kind } = this.character;
    const shares = [this.share(holder)];
    if (this.isDecoded) {
      const isFirstFrame = !budget.admits(this.frameBytes);
      const promised = isFirstFrame ? 0 : this.frameBytes;
      budget.makeRoom(promised);
      return this.#out({ kind: 'reserved', promised, isFirstFrame, shares });
    }
    // The idle buffer that could have been lent may be discarded here.
    if (this.idle.length > 0) budget.makeRoom(0);
    if (this.idle.length === 0) budget.makeRoom(this.bufferBytes);
    const idle = this.takeIdle();
    if (idle === null && this.cannotMake) return 'QuotaExceededError';
    const buffer = idle ?? this.made();
    buffer.used = true;
    const { timestamp = 0, duration = null } = picture ?? {};
    const { size } = buffer;
    const content = { buffer, size, bytes: bytesOf(size), estimated: kind === 'canvas' };
    return this.#counted(this.#out({ ...content, shares, timestamp, duration }));
  }

  #out(more: Partial<ModelLoan>): ModelLoan {
    const slot = { pool: this, kind: 'lent', promised: 0, cloned: false } as const;
    const beyond = { overFrame: false, overBytes: 0, isFirstFrame: false };
    const content = { buffer: null, bytes: 0, estimated: false, size: null, timestamp: 0, duration: null };
    const loan: ModelLoan = { ...slot, ...beyond, ...content, shares: [], ...more };
    this.loans.add(loan);
    return loan;
  }

  #counted(loan: ModelLoan): ModelLoan {
    this.totals.lent++;
    this.peak = Math.max(this.peak, this.lent);
    return loan;
  }

  share(holder: string | undefined): ModelShare {
    return { holder, since: this.character.course.now };
  }

  // ---- frames given to the pool ----

  adopt(frame: ModelFrame, holder: string | undefined): ModelLoan | string {
    if (this.state !== 'active') return 'InvalidStateError';
    this.#serveAfterAbort();
    const hasSlot = this.isUnclaimed && this.free > 0 && this.character.budget.hasFrame(1);
    if (!hasSlot || !this.fits(frame.bytes, 0)) return this.#refused();
    this.character.budget.makeRoom(frame.bytes);
    return this.#hold(this.#out({}), frame, holder);
  }

  /** Admits a frame that a decoder put out without a permit. It is kept regardless of the other loans, if it could ever fit. */
  admit(frame: ModelFrame, holder: string | undefined): ModelLoan | string {
    if (!this.couldFit(frame.bytes)) return this.#refused();
    const overFrame = !this.character.budget.hasRoomBeside(frame.bytes, 1);
    this.character.budget.makeRoom(frame.bytes);
    const loan = this.#out({ overFrame, overBytes: overFrame ? frame.bytes : 0 });
    if (this.loans.size > this.capacity + this.overcommitted) this.overcommitted++;
    return this.#hold(loan, frame, holder);
  }

  /** Admits a frame on a permit. With `beyond` it is also admitted if it turns out too large for the room. */
  fulfil(permit: ModelLoan, frame: ModelFrame, holder: string | undefined, beyond: boolean) {
    const { budget } = this.character;
    const more = frame.bytes - permit.promised;
    const mayExceed = beyond || permit.isFirstFrame;
    const fits = beyond
      ? this.couldFit(frame.bytes)
      : this.fits(frame.bytes, permit.promised, permit.isFirstFrame);
    if (this.state === 'closed' || !fits) {
      this.#endLoan(permit, 'released', []);
      return this.state === 'closed' ? 'InvalidStateError' : this.#refused();
    }
    const isOver = mayExceed && more > 0 && !budget.hasRoomBeside(more, 0);
    permit.overBytes = isOver ? frame.bytes : 0;
    permit.isFirstFrame = permit.isFirstFrame && isOver;
    if (!mayExceed || more > 0) budget.makeRoom(more);
    return this.#hold(permit, frame, holder);
  }

  #refused(): string {
    this.totals.refused++;
    return 'QuotaExceededError';
  }

  #hold(loan: ModelLoan, frame: ModelFrame, holder: string | undefined): ModelLoan {
    const { budget } = this.character;
    Object.assign(loan, { kind: 'lent', promised: 0, shares: [this.share(holder)] }, frame);
    this.#counted(loan);
    // The next frames are expected to have the same size.
    this.frameBytes = Math.min(frame.bytes, budget.maxBytes);
    this.isFrameKnown = true;
    budget.serve();
    return loan;
  }

  // ---- releases ----

  /** Releases a share. The last share frees the slot. */
  drop(loan: ModelLoan, share: ModelShare): void {
    loan.shares = loan.shares.filter((other) => other !== share);
    if (loan.shares.length === 0) this.#endLoan(loan, 'released', []);
  }

  /** Recovers a loan that all holders abandoned, as leak detection does. */
  recover(loan: ModelLoan): void {
    if (!this.isListening) this.hasWarned = true;
    if (loan.buffer !== null) this.leftToCollector++;
    this.#endLoan(loan, 'recovered', this.namesOf(loan));
  }

  /** Named shares in their order, then unnamed shares. The unnamed ones are listed one by one only if holders are tracked. */
  namesOf({ shares }: ModelLoan): string[] {
    const isUnnamed = ({ holder }: ModelShare): number => (holder === undefined ? 1 : 0);
    const listed = shares.toSorted((one, other) => isUnnamed(one) - isUnnamed(other));
    return (this.character.tracks ? shares : listed).map(({ holder = '(unnamed)' }) => holder);
  }

  // The order is: the free list, the waiters, a pending decommit, the notice.
  #endLoan(loan: ModelLoan, reason: 'released' | 'recovered', holders: string[]): void {
    this.loans.delete(loan);
    this.totals[reason]++;
    if (this.overcommitted > 0) this.overcommitted--;
    else if (this.capacity > this.settings.capacity) this.capacity--;
    const { buffer } = loan;
    const keeps = buffer !== null && reason === 'released' && this.keeps(buffer);
    if (keeps) this.rest(buffer);
    const discarded = buffer !== null && !keeps;
    if (discarded) this.totals.discarded++;
    this.character.budget.serve();
    this.#finish();
    if (this.state === 'closed') return;
    this.notices.push({ reason, discarded, freeCount: this.free, holders: holders.join() });
  }

  // ---- life ----

  /** Returns the name of the error if the settings are rejected. Then nothing has changed. */
  configure(settings: ModelSettings, isNewStorage: boolean): string | null {
    if (this.state === 'closed') return 'InvalidStateError';
    if (settings.initial > settings.capacity) return 'RangeError';
    if (!this.isLendable(settings.size, settings.maxBytes)) return 'RangeError';
    const refusal = this.apply(settings, isNewStorage);
    if (refusal === null) this.character.budget.serve();
    return refusal;
  }

  commit(): string | null {
    if (this.state === 'closed') return 'InvalidStateError';
    if (this.state === 'decommitted') {
      if (this.stockable > 0 && this.cannotMake) return 'QuotaExceededError';
      this.stock(this.stockable);
    }
    if (this.state !== 'active') this.#settle(false);
    this.state = 'active';
    return null;
  }

  decommit(number: number): void {
    if (this.state === 'active') this.#stop('draining');
    this.#decommits.push(number);
    this.#finish();
  }

  close(): void {
    if (this.state === 'closed') return;
    this.isListening = false;
    this.#stop('closed');
    this.#finish();
  }

  #stop(state: 'draining' | 'closed'): void {
    this.state = state;
    this.giveUp(0);
    for (const waiter of this.queue.splice(0)) {
      waiter.outcome = isGivenUp(waiter) ? nameOf(waiter.signal?.reason) : 'AbortError';
    }
    this.character.budget.serve();
  }

  #finish(): void {
    if (this.state === 'active' || this.loans.size > 0) return;
    if (this.state === 'draining') this.state = 'decommitted';
    this.#settle(true);
  }

  #settle(isDone: boolean): void {
    for (const number of this.#decommits.splice(0)) this.settled.push(`${number} ${isDone}`);
  }
}
