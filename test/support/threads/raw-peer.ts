/** A hand-written other side of a link, which can send hostile or broken messages. */
import { expect } from 'vitest';

/** A message as this peer received it: its number, and its body: one object, or the fields of a frame. */
type Heard = readonly [serial: number, ...said: unknown[]];

/** A handshake message as an endpoint receives it. */
export interface Greeting {
  readonly kind: string;
  readonly link: string | null;
}

/** Peer of a link, through the port whose other end was given to `connectPool()` or `receiveFrames()`. */
export class RawPeer {
  readonly #port: MessagePort;
  readonly heard: Heard[] = [];
  /** The number of the next message in order. */
  next = 0;

  private constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<Heard>) => this.heard.push(data);
  }

  /**
   * Responds to the hello, takes the port, and accepts.
   *
   * @param before - Bodies to post before the acceptance.
   */
  static async answer(
    end: MessagePort,
    purpose: 'frames' | 'reader' = 'frames',
    before: readonly unknown[] = [],
  ): Promise<RawPeer> {
    const peer = await new Promise<RawPeer>((resolve) => {
      end.onmessage = ({ data, ports: [port] }: MessageEvent<Greeting>) => {
        if (data.kind === 'hello') RawPeer.greet(end, 'ready', data.link, { purpose });
        if (port !== undefined) resolve(new RawPeer(port));
      };
    });
    for (const wrong of before) peer.raw([0, wrong]);
    peer.say({ protocol: 1, unwatchedBecause: 'spoken by hand' });
    return peer;
  }

  /** Sends a hello and hands over a port. Its first message is the acceptance of the other side. */
  static async call(end: MessagePort, purpose: 'frames' | 'reader' = 'frames'): Promise<RawPeer> {
    const link = crypto.randomUUID();
    const connected = new Promise<RawPeer>((resolve) => {
      end.onmessage = ({ data }: MessageEvent<Greeting>) => {
        if (data.link === link && data.kind === 'ready')
          resolve(new RawPeer(RawPeer.connect(end, link, { purpose })));
      };
    });
    RawPeer.greet(end, 'hello', link, { purpose });
    const peer = await connected;
    await expect.poll(() => peer.heard.length, { interval: 2 }).toBeGreaterThan(0);
    return peer;
  }

  static greet(
    end: MessagePort,
    kind: string,
    link: string | null,
    { version = 1, ...more }: { version?: number; purpose?: string; locks?: boolean } = {},
    transfer: Transferable[] = [],
  ): void {
    end.postMessage({ 'video-frame-pool': version, kind, purpose: 'frames', link, ...more }, transfer);
  }

  /** Hands over a port for a link. Returns the other end of the port. */
  static connect(
    end: MessagePort,
    link: string,
    options: { purpose?: string; locks?: boolean } = {},
  ): MessagePort {
    const { port1, port2 } = new MessageChannel();
    RawPeer.greet(end, 'connect', link, { locks: false, ...options }, [port2]);
    return port1;
  }

  /** Posts a body with the next number. */
  say(body: unknown, transfer: Transferable[] = []): void {
    const said: unknown[] = Array.isArray(body) ? body : [body];
    this.raw([this.next++, ...said], transfer);
  }

  /** Posts a message as it is. */
  raw(message: unknown, transfer: Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  /** The numbers of the received frames. */
  async frames(count: number): Promise<number[]> {
    const frames = (): number[] => this.heard.filter((said) => said.length > 2).map(([serial]) => serial);
    await expect.poll(() => frames().length, { interval: 2 }).toBe(count);
    return frames();
  }

  close(): void {
    for (const [, , , content] of this.heard) {
      if (content instanceof VideoFrame) content.close();
    }
    this.#port.close();
  }
}
