/**
 * Message channel between two threads over a private port. Messages are numbered; those out of order are rejected and
 * counted.
 */
import { closeContents } from './payload.ts';

/** Events of a channel. */
export interface ChannelEvents {
  /**
   * A message in order, with its number. `body` is an object, or an array whose first place is the number. False
   * rejects the message; its number is then still expected.
   */
  message(body: unknown, serial: number): boolean;
  /**
   * A message that cannot be deserialized in this thread. `serial` is its number, and thereby that of the frame in it.
   */
  unreadable(serial: number): void;
}

/** One side of the channel. Both sides are alike. */
export class Channel {
  readonly #port: MessagePort;
  readonly #events: ChannelEvents;
  #sentCount = 0;
  #receivedCount = 0;
  #refused = 0;
  #isClosed = false;

  constructor(port: MessagePort, events: ChannelEvents) {
    this.#port = port;
    this.#events = events;
    port.addEventListener('message', ({ data }: MessageEvent<unknown>) => this.#receive(data));
    // Ports preserve the order of undeserializable messages too, so the number of each is known.
    port.addEventListener('messageerror', () => {
      if (!this.#isClosed) events.unreadable(this.#receivedCount++);
    });
    port.start();
  }

  /** Number of rejected messages: forged, repeated or out of order. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * Sends a message.
   *
   * @param body - An object, or an array whose first place is overwritten with the number, so that the message of each
   *   frame needs no wrapper.
   * @returns The number of the message.
   * @throws `DataCloneError` if the message cannot be serialized. In that case nothing was transferred.
   */
  post(body: object, transfer: Transferable[] = []): number {
    const message = Array.isArray(body) ? body : [0, body];
    message[0] = this.#sentCount;
    this.#port.postMessage(message, transfer);
    return this.#sentCount++;
  }

  /**
   * Closes the port and ignores further messages, even those that arrived before and were not dispatched yet.
   * Firefox dispatches these even after a port's `close()`.
   */
  close(): void {
    this.#isClosed = true;
    this.#port.close();
  }

  /**
   * As `close()`, but sends a final message and leaves it to the other side to close the port, because WebKitGTK drops
   * messages that are posted right before `close()`.
   */
  closeWith(finalMessage: object): void {
    this.post(finalMessage);
    this.#isClosed = true;
  }

  #receive(data: unknown): void {
    if (this.#isClosed) {
      closeContents(data);
      return;
    }
    if (Array.isArray(data) && data[0] === this.#receivedCount) {
      const serial = this.#receivedCount++;
      const body: unknown = data.length === 2 && !Array.isArray(data[1]) ? data[1] : data;
      if (this.#events.message(body, serial)) return;
      this.#receivedCount = serial;
    }
    this.#refused++;
    // No other code sees the objects in it.
    closeContents(data);
  }
}
