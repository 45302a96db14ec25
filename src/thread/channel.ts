/** A port of one's own between two threads: messages are numbered, and what is not in its turn is refused and counted. */
import { closeContents } from './payload.ts';

/** What is heard from the other side. */
export interface ChannelEvents {
  /**
   * A message in its turn, and its number: an object, or a list with the number in its first place. False refuses it: then it
   * counts as never said.
   */
  message(body: unknown, serial: number): boolean;
  /** A message that cannot be read here; its number, and so that of the frame that was in it. */
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
    // Ports keep the order also of what cannot be read, so its number is known.
    port.addEventListener('messageerror', () => {
      if (!this.#isClosed) events.unreadable(this.#receivedCount++);
    });
    port.start();
  }

  /** Messages that were refused: forged, repeated, or out of order. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * Sends a message.
   *
   * @param body - An object, or a list, which leaves its first place to the number: what is said for each frame goes without a
   *   list around it.
   * @returns Its number.
   * @throws `DataCloneError` for what cannot be sent. Nothing was transferred then.
   */
  post(body: object, transfer: Transferable[] = []): number {
    const message = Array.isArray(body) ? body : [0, body];
    message[0] = this.#sentCount;
    this.#port.postMessage(message, transfer);
    return this.#sentCount++;
  }

  /** Hears no more, also not what has arrived and was not delivered yet, as Firefox does after a port's `close()`. */
  close(): void {
    this.#isClosed = true;
    this.#port.close();
  }

  /** As `close()`, with a last word, upon which the other side closes the port: WebKitGTK drops what is said right before that. */
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
    // Nobody else sees what was in it.
    closeContents(data);
  }
}
