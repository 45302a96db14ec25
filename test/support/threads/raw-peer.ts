/** The other side of a link, spoken by hand: what a hostile or broken one might say. */
import { expect } from 'vitest';

/** A message as this peer received it: its number, and what is said: one object, or all that is known of a frame. */
type Heard = readonly [serial: number, ...said: unknown[]];

/** Answers a link through the port whose other end was given to `connectPool()`. */
export class RawPeer {
  readonly #port: MessagePort;
  readonly heard: Heard[] = [];
  #serial = 0;

  private constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<Heard>) => this.heard.push(data);
  }

  /**
   * Answers the knock, takes the port, and agrees.
   *
   * @param before - What it says in its place first.
   */
  static async answer(
    end: MessagePort,
    purpose: 'frames' | 'reader' = 'frames',
    before: readonly unknown[] = [],
  ): Promise<RawPeer> {
    const peer = await new Promise<RawPeer>((resolve) => {
      end.onmessage = ({ data, ports: [port] }: MessageEvent<{ kind: string; link: string }>) => {
        if (data.kind === 'knock') RawPeer.greet(end, { kind: 'here', purpose, link: data.link });
        if (port !== undefined) resolve(new RawPeer(port));
      };
    });
    for (const wrong of before) peer.raw([0, wrong]);
    peer.say({ protocol: 1, unwatchedBecause: 'spoken by hand' });
    return peer;
  }

  /** Knocks, and hands over a port. What is said first on it is that the other side agrees. */
  static async call(end: MessagePort, purpose: 'frames' | 'reader' = 'frames'): Promise<RawPeer> {
    const { port1, port2 } = new MessageChannel();
    const peer = new RawPeer(port1);
    const link = crypto.randomUUID();
    const base = { purpose, link };
    end.onmessage = ({ data }: MessageEvent<{ kind: string; link: string | null }>) => {
      if (data.link !== link || data.kind !== 'here') return;
      const connect = { 'video-frame-pool': 1, kind: 'connect', ...base, locks: false };
      end.postMessage(connect, [port2]);
    };
    RawPeer.greet(end, { kind: 'knock', ...base });
    await expect.poll(() => peer.heard.length, { interval: 2 }).toBeGreaterThan(0);
    return peer;
  }

  static greet(end: MessagePort, greeting: object, version: unknown = 1): void {
    end.postMessage({ 'video-frame-pool': version, ...greeting });
  }

  /** In its turn. */
  say(body: unknown, transfer: Transferable[] = []): void {
    const said: unknown[] = Array.isArray(body) ? body : [body];
    this.raw([this.#serial++, ...said], transfer);
  }

  /** As it is. */
  raw(message: unknown, transfer: Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  /** The number that the next message in its turn has. */
  get next(): number {
    return this.#serial;
  }

  /** The numbers of the frames that came. */
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
