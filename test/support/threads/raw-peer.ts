/** Hand-written peer of a link, which can send hostile or broken messages. */
import { expect } from 'vitest';

/** A message as this peer received it: its number and its body. The body is one object, or the fields of a frame. */
type PeerMessage = readonly [serial: number, ...body: unknown[]];

/** A handshake message as an endpoint receives it. */
export interface HandshakeMessage {
  readonly kind: string;
  readonly link: string | null;
}

/** Peer of a link, through the port whose other end was given to `connectPool()` or `receiveFrames()`. */
export class RawPeer {
  readonly #port: MessagePort;
  readonly received: PeerMessage[] = [];
  /** The number of the next message in order. */
  next = 0;

  private constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<PeerMessage>) => this.received.push(data);
  }

  /**
   * Responds to the hello, takes the port, and accepts.
   *
   * @param before - Bodies to post before the acceptance.
   */
  static async respond(
    end: MessagePort,
    purpose: 'frames' | 'reader' = 'frames',
    before: readonly unknown[] = [],
  ): Promise<RawPeer> {
    const peer = await new Promise<RawPeer>((resolve) => {
      end.onmessage = ({ data, ports: [port] }: MessageEvent<HandshakeMessage>) => {
        if (data.kind === 'hello') RawPeer.sendHandshake(end, 'ready', data.link, { purpose });
        if (port !== undefined) resolve(new RawPeer(port));
      };
    });
    for (const wrong of before) peer.postRaw([0, wrong]);
    peer.post({ protocol: 1, undetectableBecause: 'hand-written' });
    return peer;
  }

  /** Sends a hello and hands over a port. Its first message is the acceptance of the other side. */
  static async call(end: MessagePort, purpose: 'frames' | 'reader' = 'frames'): Promise<RawPeer> {
    const link = crypto.randomUUID();
    const connected = new Promise<RawPeer>((resolve) => {
      end.onmessage = ({ data }: MessageEvent<HandshakeMessage>) => {
        if (data.link === link && data.kind === 'ready')
          resolve(new RawPeer(RawPeer.connect(end, link, { purpose })));
      };
    });
    RawPeer.sendHandshake(end, 'hello', link, { purpose });
    const peer = await connected;
    await expect.poll(() => peer.received.length, { interval: 2 }).toBeGreaterThan(0);
    return peer;
  }

  static sendHandshake(
    end: MessagePort,
    kind: string,
    link: string | null,
    { version = 1, ...more }: { version?: number; purpose?: string; hasLock?: boolean } = {},
    transfer: Transferable[] = [],
  ): void {
    end.postMessage({ 'video-frame-pool': version, kind, purpose: 'frames', link, ...more }, transfer);
  }

  /** Hands over a port for a link. Returns the other end of the port. */
  static connect(
    end: MessagePort,
    link: string,
    options: { purpose?: string; hasLock?: boolean } = {},
  ): MessagePort {
    const { port1, port2 } = new MessageChannel();
    RawPeer.sendHandshake(end, 'connect', link, { hasLock: false, ...options }, [port2]);
    return port1;
  }

  /** Posts a body with the next number. */
  post(body: unknown, transfer: Transferable[] = []): void {
    const parts: unknown[] = Array.isArray(body) ? body : [body];
    this.postRaw([this.next++, ...parts], transfer);
  }

  /** Posts a message unchanged. */
  postRaw(message: unknown, transfer: Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  /** The numbers of the received frames. */
  async frames(count: number): Promise<number[]> {
    const frames = (): number[] =>
      this.received.filter((message) => message.length > 2).map(([serial]) => serial);
    await expect.poll(() => frames().length, { interval: 2 }).toBe(count);
    return frames();
  }

  close(): void {
    for (const [, , , content] of this.received) {
      if (content instanceof VideoFrame) content.close();
    }
    this.#port.close();
  }
}
