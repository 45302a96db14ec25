/**
 * A pool as the contract describes it, in the plainest words: arrays, and no slot, storage or promise. The model test
 * plays the same script to this and to the library, and compares.
 */

/** A canvas, as the model sees it. */
export interface ModelBuffer {
  readonly generation: number;
  readonly bytes: number;
  harmed: boolean;
  idleSince: number;
  /** The real one, as soon as a handle has shown it. */
  canvas: OffscreenCanvas | null;
}

/** Something that is out. */
export interface ModelLoan {
  kind: 'lent' | 'reserved';
  shares: number;
  buffer: ModelBuffer | null;
  /** Whether a reader has had the pool clone its frame. */
  cloned: boolean;
}

/** What the listener is to hear. */
export interface ModelNotice {
  readonly discarded: boolean;
  readonly freeCount: number;
}

export interface ModelSettings {
  readonly kind: 'decoded' | 'canvas';
  readonly capacity: number;
  readonly initial: number;
  readonly maxBytes: number;
  readonly bufferBytes: number;
  readonly idleMs: number;
}

export class PoolModel {
  readonly kind: 'decoded' | 'canvas';
  readonly maxBytes: number;
  readonly idleMs: number;
  state: 'active' | 'draining' | 'decommitted' | 'closed' = 'active';
  now = 0;
  target: number;
  capacity: number;
  initial: number;
  bufferBytes: number;
  generation = 0;
  readonly loans = new Set<ModelLoan>();
  /** Longest unused first. */
  idle: ModelBuffer[] = [];
  /** Numbers of those who wait, in their order. */
  queue: number[] = [];
  /** What has happened and was not compared yet. */
  granted: { waiter: number; loan: ModelLoan; waited: boolean }[] = [];
  failed: { waiter: number; name: string }[] = [];
  notices: ModelNotice[] = [];
  decommits: number[] = [];
  settled: { decommit: number; home: boolean }[] = [];
  returns = 0;

  constructor(settings: ModelSettings) {
    this.kind = settings.kind;
    this.maxBytes = settings.maxBytes;
    this.idleMs = settings.idleMs;
    this.target = settings.capacity;
    this.capacity = settings.capacity;
    this.initial = settings.initial;
    this.bufferBytes = settings.bufferBytes;
    this.#stock();
  }

  get free(): number {
    return this.capacity - this.loans.size;
  }
  get lent(): number {
    return [...this.loans].filter(({ kind }) => kind === 'lent').length;
  }
  get bytes(): number {
    const lent = [...this.loans].reduce((sum, { buffer }) => sum + (buffer?.bytes ?? 0), 0);
    return this.idle.reduce((sum, { bytes }) => sum + bytes, lent);
  }
  /** Whether a slot could be lent now, were nobody waiting. */
  get admits(): boolean {
    if (this.state !== 'active' || this.free <= 0) return false;
    return this.kind === 'decoded' || this.idle.length > 0 || this.bytes + this.bufferBytes <= this.maxBytes;
  }

  /** Somebody asks at once: gets a loan, or nothing. */
  take(kind: ModelLoan['kind']): ModelLoan | null {
    return this.queue.length === 0 && this.admits ? this.#lend(kind) : null;
  }

  /** Somebody asks and would wait. */
  join(waiter: number, kind: ModelLoan['kind']): void {
    if (this.queue.length === 0 && this.admits) {
      this.granted.push({ waiter, loan: this.#lend(kind), waited: false });
    } else {
      this.queue.push(waiter);
    }
  }

  abort(waiter: number): void {
    if (!this.queue.includes(waiter)) return;
    this.queue = this.queue.filter((other) => other !== waiter);
    this.failed.push({ waiter, name: 'AbortError' });
  }

  drop(loan: ModelLoan): void {
    if (--loan.shares > 0) return;
    const kind = this.kind === 'decoded' ? 'reserved' : 'lent';
    this.loans.delete(loan);
    this.returns++;
    if (this.capacity > this.target) this.capacity--;
    const discarded = loan.buffer !== null && !this.#keep(loan.buffer);
    this.#serve(kind);
    this.#finish();
    if (this.state !== 'closed') this.notices.push({ discarded, freeCount: this.free });
  }

  resize(capacity: number): void {
    this.initial = Math.min(this.initial, capacity);
    this.target = capacity;
    this.capacity = Math.max(capacity, this.loans.size);
    this.idle.splice(0, Math.max(0, this.idle.length - Math.max(0, this.free)));
    this.#serve(this.kind === 'decoded' ? 'reserved' : 'lent');
  }

  restore(bufferBytes: number): void {
    this.generation++;
    this.bufferBytes = bufferBytes;
    this.idle = [];
    if (this.state === 'active') this.#stock();
    this.#serve('lent');
  }

  advance(ms: number): void {
    this.now += ms;
    this.idle = this.idle.filter(({ idleSince }) => idleSince + this.idleMs > this.now);
  }

  decommit(decommit: number): void {
    if (this.state === 'active') {
      this.state = 'draining';
      this.#stop();
    }
    this.decommits.push(decommit);
    this.#finish();
  }

  commit(): void {
    if (this.state === 'active') return;
    const stock = this.state === 'decommitted';
    this.state = 'active';
    if (stock) this.#stock();
    this.#settle(false);
  }

  close(): void {
    this.state = 'closed';
    this.#stop();
    this.#finish();
  }

  #stop(): void {
    this.idle = [];
    for (const waiter of this.queue.splice(0)) this.failed.push({ waiter, name: 'AbortError' });
  }

  #finish(): void {
    if (this.state === 'active' || this.loans.size > 0) return;
    if (this.state === 'draining') this.state = 'decommitted';
    this.#settle(true);
  }

  #settle(home: boolean): void {
    for (const decommit of this.decommits.splice(0)) this.settled.push({ decommit, home });
  }

  #serve(kind: ModelLoan['kind']): void {
    while (this.queue.length > 0 && this.admits) {
      const waiter = this.queue.shift() ?? -1;
      this.granted.push({ waiter, loan: this.#lend(kind), waited: true });
    }
  }

  #lend(kind: ModelLoan['kind']): ModelLoan {
    const loan: ModelLoan = { kind, shares: 1, buffer: null, cloned: false };
    if (this.kind === 'canvas') {
      // The most recently used that is whole; those that are not go on the way.
      let buffer = this.idle.pop();
      while (buffer?.harmed === true) buffer = this.idle.pop();
      loan.buffer = buffer ?? this.#made();
    }
    this.loans.add(loan);
    return loan;
  }

  #made(): ModelBuffer {
    const { generation, bufferBytes: bytes, now } = this;
    return { generation, bytes, harmed: false, idleSince: now, canvas: null };
  }

  #stock(): void {
    if (this.kind === 'decoded') return;
    for (let made = 0; made < Math.min(this.initial, this.free); made++) this.idle.push(this.#made());
  }

  #keep(buffer: ModelBuffer): boolean {
    const wanted = this.state === 'active' && buffer.generation === this.generation && !buffer.harmed;
    if (!wanted || this.idle.length >= this.free) return false;
    buffer.idleSince = this.now;
    this.idle.push(buffer);
    return true;
  }
}
