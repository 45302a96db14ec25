/** Thousands of forged messages to each side of a link: nothing throws, nothing is lent beyond the cap, nothing grows. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { receiveFrames } from '../../src/index.ts';
import { closeContents } from '../../src/thread/payload.ts';
import { livePictures } from '../support/accounting.ts';
import type { Forgery } from '../support/threads/forge.ts';
import { forge, forgeries, FRAME, withFrames } from '../support/threads/forge.ts';
import { linkToPeer, until } from '../support/threads/linked.ts';
import type { PortWatch } from '../support/threads/port-watch.ts';
import { watchPorts } from '../support/threads/port-watch.ts';
import { RawPeer } from '../support/threads/raw-peer.ts';

/** 110 scripts of 20 messages are 2,200 for each side. The seed is fixed, so that a failure is repeatable. */
const SCRIPTS = { numRuns: 110, seed: 20261121, endOnFailure: true };
const BYTES = 64 * 48 * 4;
const scripts = fc.array(forgeries, { minLength: 20, maxLength: 20 });

/** Sends one forged message, with a number, and waits until it was handled. */
async function sendForged(
  peer: RawPeer,
  watch: PortWatch,
  forgery: Forgery,
  next: number,
  bodies: readonly (() => unknown)[],
): Promise<void> {
  const forged = forge(forgery, bodies);
  const list: unknown = Array.isArray(forged) && forged.length < 1e6 ? forged : [0, forged];
  const { body, frames } = withFrames(list);
  if (Array.isArray(body) && forgery.inTurn) body[0] = next;
  peer.postRaw(forgery.anything === null || forgery.inTurn ? body : forgery.anything.body, frames);
  for (const frame of frames) frame.close();
  await watch.handled(1);
  expect(watch.thrown).toEqual([]);
  expect((Object.prototype as { polluted?: unknown }).polluted).toBeUndefined();
}

test.each(['a decoded frame', 'memory', 'shared memory'])(
  'a link of %s survives forged messages from its other side, and counts them [C11]',
  { timeout: 120_000 },
  async (kind) => {
    const watch = watchPorts();
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        const { pool, link, peer, id, port2 } = await linkToPeer(kind, 2);
        await watch.handled(0);
        let number = peer.next;
        for (const forgery of script) {
          await sendForged(peer, watch, forgery, number - link.refusedCount, [
            () => [0, 0, false, id],
            () => [0, 1, false],
            () => [0, 0, false, { id, how: 'released', holders: [], memory: new ArrayBuffer(BYTES) }],
            () => [0, 0, false, { id, how: 'recovered', holders: ['somebody'], memory: null }],
            () => ({ protocol: 1, undetectableBecause: null }),
          ]);
          number++;
          expect(pool.lentCount).toBeLessThanOrEqual(2);
          expect(link.lentCount + link.waitingCount).toBeLessThanOrEqual(2);
          expect(link.lentCount).toBeLessThanOrEqual(pool.lentCount);
        }
        refused += link.refusedCount;
        // Every message was either accepted or rejected, so the counts give the next number.
        if (link.state === 'open') {
          const before = link.refusedCount;
          peer.postRaw([number - before, 0, true]);
          await watch.handled(1);
          expect([link.state === 'open', link.refusedCount]).toEqual([false, before]);
        }
        link.abort();
        expect([pool.lentCount, pool.waitingCount]).toEqual([0, 0]);
        peer.close();
        port2.close();
        pool.close();
        expect(pool.bytes).toBe(0);
      }),
      { ...SCRIPTS, numRuns: Math.ceil(SCRIPTS.numRuns / 3) },
    );
    expect(refused).toBeGreaterThan(300);
  },
);

function parcel(shared: boolean): unknown {
  const layout = [{ offset: 0, stride: 256 }];
  const colorSpace = { primaries: 'bt709', transfer: 'iec61966-2-1', matrix: 'rgb', fullRange: true };
  return {
    spec: { format: 'RGBA', codedWidth: 64, codedHeight: 48, layout, byteLength: BYTES, shared },
    facts: { displayWidth: 64, displayHeight: 48, rotation: 0, flip: false, colorSpace },
    buffer: shared ? new SharedArrayBuffer(BYTES) : new ArrayBuffer(BYTES),
    returns: !shared,
  };
}

test(
  'a receiver survives forged messages of a pool, and takes no frame without credit [C11]',
  { timeout: 120_000 },
  async () => {
    const watch = watchPorts();
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(scripts, fc.boolean(), async (script, takes) => {
        const { port1, port2 } = new MessageChannel();
        const iteration = receiveFrames(port1, { highWaterMark: 2 });
        const peer = await RawPeer.call(port2);
        peer.post({ kind: 'pool', name: 'hostile' });
        await until(() => peer.received.length > 1, true);
        await watch.handled(0);
        const use = async (): Promise<void> => {
          for await (const { handle, data } of iteration) {
            taken++;
            expect(handle.timestamp).toEqual(expect.any(Number));
            // After any message, the handle can be read and released.
            if ('data' in handle) expect((handle.data as Uint8Array).length).toBe(BYTES);
            else handle.frame.clone().close();
            handle.toVideoFrame().close();
            handle.release();
            closeContents(data);
          }
        };
        const using = takes ? use() : null;
        // The peer does not report which of them are in order, so each is sent with every number that may be next.
        let least = peer.next;
        let most = peer.next;
        for (const forgery of script) {
          const bodies = [
            () => [0, 1, null, FRAME, false, undefined, 0],
            () => [0, 1, 40, FRAME, false, 'somebody', { of: FRAME }],
            () => [0, 1, null, parcel(false), undefined, undefined, 0],
            () => [0, 1, null, parcel(true), undefined, undefined, 0],
            () => ({ kind: 'pool', name: 'again' }),
          ];
          const next = least + (forgery.place % (most - least + 1));
          const before = peer.received.length;
          await sendForged(peer, watch, forgery, next, bodies);
          most++;
          if (peer.received.length > before) least = Math.max(least, next);
          // Two frames are ready at most, each with two frames in its data, and one is being read.
          expect(livePictures()).toBeLessThanOrEqual(2 * 3 + 1);
        }
        await iteration.return?.();
        await using;
        peer.close();
        port2.close();
      }),
      SCRIPTS,
    );
    expect(taken).toBeGreaterThan(50);
  },
);
