/** All links of one end where frames are received. Reachable from the end itself, so it must not keep its consumer alive. */
import { respond, refusalOf } from './responder.ts';
import type { RemotePoolEvents, Received } from './remote-pool.ts';
import { RemotePool, returnUnused } from './remote-pool.ts';
import type { MessageEnd } from './handshake.ts';

/** Who takes what arrives. */
export interface FrameConsumer {
  arrived(pool: RemotePool, received: Received): void;
  /** No link is left. */
  ended(): void;
}

const inUse = new WeakSet<MessageEnd>();

/**
 * An end's listener leads here, and an end lives as long as its thread. The consumer is held by who asks it for frames, and here
 * only while somebody waits: one that was dropped is collected, what it had goes home by the net, and the links end.
 */
export class Receiver implements RemotePoolEvents {
  readonly #from: MessageEnd;
  readonly #pools = new Set<RemotePool>();
  readonly #stopAnswering: () => void;
  #consumer: WeakRef<FrameConsumer> | null = null;
  /** The same consumer, while somebody waits for what it receives. */
  #keptAlive: FrameConsumer | null = null;
  #hasStopped = false;
  /** Whether a link was ever open. One that ended before was none. */
  #wasLinked = false;

  /** Whether frames are received from this end now. */
  static isActiveAt(from: MessageEnd): boolean {
    return inUse.has(from);
  }

  constructor(from: MessageEnd, ahead: number, holder: string | undefined) {
    this.#from = from;
    inUse.add(from);
    const pools = this.#pools;
    this.#stopAnswering = respond(from, 'frames', {
      get refusal() {
        return refusalOf(pools.size);
      },
      accept: (side) => {
        const pool = new RemotePool(side, ahead, holder, this);
        this.#pools.add(pool);
        return pool;
      },
      onInvalid() {},
    });
  }

  /** Whom to tell; weakly, until `await()`. */
  setConsumer(consumer: FrameConsumer): void {
    this.#consumer = new WeakRef(consumer);
    droppedConsumers().register(consumer, this);
  }

  /** Keeps the consumer alive while somebody waits. */
  keepAlive(consumer: FrameConsumer | null): void {
    this.#keptAlive = consumer;
  }

  /** Receives no more; what is on its way goes home as it arrives. */
  stop(): void {
    // Asked of itself and not of the end, where somebody else may receive by now.
    if (this.#hasStopped) return;
    this.#hasStopped = true;
    inUse.delete(this.#from);
    this.#stopAnswering();
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
    // An end has one other side. What was about to link from there may not watch it yet, and would wait for ever.
    if (hasDied) for (const other of this.#pools) if (!other.isLinked) void other.checkAlive();
    if (this.#wasLinked && this.#pools.size === 0) this.#consumer?.deref()?.ended();
  }
}

let registry: FinalizationRegistry<Receiver> | null = null;

/** Made at first use: importing does nothing. */
function droppedConsumers(): FinalizationRegistry<Receiver> {
  registry ??= new FinalizationRegistry((receiver) => receiver.stop());
  return registry;
}
