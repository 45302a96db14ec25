/** Receiver of all links at one endpoint. The endpoint keeps it alive, so it must not keep its consumer alive. */
import { respond, refusalOf } from './responder.ts';
import type { RemotePoolEvents, Received } from './remote-pool.ts';
import { RemotePool, returnUnused } from './remote-pool.ts';
import type { MessageEndpoint } from './handshake.ts';
import { MAX_CREDIT } from './wire.ts';

/** Consumer of received frames. */
export interface FrameConsumer {
  /** Number of `next()` calls that wait. */
  readonly awaited: number;
  arrived(pool: RemotePool, received: Received): void;
  /** The last link has ended. */
  ended(): void;
}

const inUse = new WeakSet<MessageEndpoint>();

/**
 * An endpoint lives as long as its thread, and its listener keeps this object alive. The consumer is held by the code
 * that iterates it, and is held here only during a pending `next()`. A dropped consumer is therefore collected: its
 * frames are recovered by the leak detector, and its links end.
 */
export class Receiver implements RemotePoolEvents {
  readonly #from: MessageEndpoint;
  readonly #highWaterMark: number;
  readonly #pools = new Set<RemotePool>();
  readonly #stopResponding: () => void;
  #consumer: WeakRef<FrameConsumer> | null = null;
  /** The same consumer, during a pending `next()`. */
  #keptAlive: FrameConsumer | null = null;
  #hasStopped = false;
  /** Whether a link was ever open. A link that ended before it was open does not count. */
  #wasLinked = false;

  /** Whether frames are received from this endpoint now. */
  static isActiveAt(from: MessageEndpoint): boolean {
    return inUse.has(from);
  }

  constructor(from: MessageEndpoint, highWaterMark: number, holder: string | undefined) {
    this.#from = from;
    this.#highWaterMark = highWaterMark;
    inUse.add(from);
    const pools = this.#pools;
    this.#stopResponding = respond(from, 'frames', {
      get refusal() {
        return refusalOf(pools.size);
      },
      accept: (side) => {
        const pool = new RemotePool(side, holder, this);
        this.#pools.add(pool);
        return pool;
      },
      onInvalid() {},
    });
  }

  /** Sets the consumer, which is held weakly until `request()`. */
  setConsumer(consumer: FrameConsumer): void {
    this.#consumer = new WeakRef(consumer);
    droppedConsumers().register(consumer, this);
  }

  /** Keeps the consumer alive during a pending `next()`, and requests a frame for it from each pool. */
  request(consumer: FrameConsumer): void {
    this.#keptAlive = consumer;
    for (const pool of this.#pools) pool.grantCredit();
  }

  /** No `next()` is pending. */
  rest(): void {
    this.#keptAlive = null;
  }

  /** A pending `next()` has room for a frame of each pool, because any of them may be the next to send one. */
  get room(): number {
    return Math.min(MAX_CREDIT, Math.max(this.#highWaterMark, this.#keptAlive?.awaited ?? 0));
  }

  /** Stops receiving; frames in transit are returned as they arrive. */
  stop(): void {
    // Checked on this object rather than on the endpoint, which may have another receiver by now.
    if (this.#hasStopped) return;
    this.#hasStopped = true;
    inUse.delete(this.#from);
    this.#stopResponding();
    this.#keptAlive = null;
    for (const pool of this.#pools) pool.stop();
  }

  arrived(pool: RemotePool, received: Received): void {
    const consumer = this.#keptAlive ?? this.#consumer?.deref();
    if (consumer === undefined || this.#hasStopped) returnUnused(received);
    else consumer.arrived(pool, received);
  }

  linked(): void {
    this.#wasLinked = true;
  }

  ended(pool: RemotePool, hasDied: boolean): void {
    this.#pools.delete(pool);
    // An endpoint has one other side. A link that was about to open from there may not watch its lock yet, and would
    // wait forever.
    if (hasDied) for (const other of this.#pools) if (!other.isLinked) void other.checkAlive();
    if (this.#wasLinked && this.#pools.size === 0) this.#consumer?.deref()?.ended();
  }
}

let registry: FinalizationRegistry<Receiver> | null = null;

/** Created at first use, so that importing has no side effects. */
function droppedConsumers(): FinalizationRegistry<Receiver> {
  registry ??= new FinalizationRegistry((receiver) => receiver.stop());
  return registry;
}
