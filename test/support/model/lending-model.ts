/** Who asks a pool, who waits, and what he is lent. */
import type { ModelLoan, ModelPicture, ModelShare, Waiter } from './model-loan.ts';
import { bytesOf, nameOf } from './model-loan.ts';
import { StockModel } from './stock-model.ts';

export abstract class LendingModel extends StockModel {
  // ---- asking ----

  /** Somebody asks and does not wait. */
  take(holder: string | undefined): ModelLoan | string | null {
    return this.hasRoom(null) ? this.#lend(holder, null) : null;
  }

  /** Somebody asks, and waits where there is no room. */
  ask(waiter: Waiter): void {
    const { picture, signal } = waiter;
    const hasToWait = !this.isUnclaimed && picture?.sizeChange !== 'refuse';
    if (this.state !== 'active') waiter.outcome = 'InvalidStateError';
    else if (signal?.aborted === true) waiter.outcome = nameOf(signal.reason);
    else if (!hasToWait && !this.suits(picture)) waiter.outcome = 'RangeError';
    else if (this.hasRoom(picture)) this.#grant(waiter);
    else if (this.hasRoomBeside(picture)) this.queue.push(waiter);
    else waiter.outcome = 'QuotaExceededError';
  }

  grantFirst(): void {
    const waiter = this.queue.shift();
    if (waiter === undefined) return;
    if (this.suits(waiter.picture)) this.#grant(waiter);
    else waiter.outcome = 'RangeError';
  }

  #grant(waiter: Waiter): void {
    const wanted = this.wantedBy(waiter.picture);
    const refusal = wanted === null ? null : this.apply({ ...this.settings, size: wanted }, true);
    waiter.outcome = refusal ?? this.#lend(waiter.holder, waiter.picture);
    // A copy takes time, of which nobody says how long.
    if (waiter.picture === null && typeof waiter.outcome !== 'string')
      this.character.course.granted.push(waiter);
  }

  // ---- lending ----

  #lend(holder: string | undefined, picture: ModelPicture | null): ModelLoan | string {
    const { budget, kind } = this.character;
    const shares = [this.share(holder)];
    if (this.isDecoded) {
      budget.makeRoom(this.frameBytes);
      return this.out({ kind: 'reserved', promised: this.frameBytes, shares });
    }
    // The idle buffer that would have served may be the one that goes.
    if (this.idle.length > 0) budget.makeRoom(0);
    if (this.idle.length === 0) budget.makeRoom(this.bufferBytes);
    const idle = this.takeIdle();
    if (idle === null && this.cannotMake) return 'QuotaExceededError';
    const buffer = idle ?? this.made();
    buffer.used = true;
    const { timestamp = 0, duration = null } = picture ?? {};
    const { size } = buffer;
    const loan = {
      buffer,
      size,
      bytes: bytesOf(size),
      estimated: kind === 'canvas',
      shares,
      timestamp,
      duration,
    };
    return this.counted(this.out(loan));
  }

  protected out(more: Partial<ModelLoan>): ModelLoan {
    const loan: ModelLoan = {
      pool: this,
      kind: 'lent',
      shares: [],
      buffer: null,
      bytes: 0,
      estimated: false,
      promised: 0,
      allowed: false,
      size: null,
      timestamp: 0,
      duration: null,
      cloned: false,
      ...more,
    };
    this.loans.add(loan);
    return loan;
  }

  protected counted(loan: ModelLoan): ModelLoan {
    this.totals.lent++;
    this.peak = Math.max(this.peak, this.lent);
    return loan;
  }

  share(holder: string | undefined): ModelShare {
    return { holder, since: this.character.course.now };
  }
}
