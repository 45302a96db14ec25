/** Thousands of forged messages to each side of a reader in a worker: nothing throws, no cap is exceeded, nothing is left. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VideoFramePool } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { serveReaders } from '../../src/media/worker/serve.ts';
import { MAX_DECODER_DELAY } from '../../src/decode/decoder-delay.ts';
import { livePictures } from '../support/accounting.ts';
import { colourFrame } from '../support/frames.ts';
import { clipBlob } from '../support/packets.ts';
import { takeUntilError } from '../support/taking.ts';
import type { Forgery } from '../support/threads/forge.ts';
import { forge, forgeries, FRAME, withFrames } from '../support/threads/forge.ts';
import type { PortWatch } from '../support/threads/port-watch.ts';
import { watchPorts } from '../support/threads/port-watch.ts';
import { RawPeer } from '../support/threads/raw-peer.ts';

/** A fixed seed, so that a failure is repeatable. Of 20 messages each. */
const SCRIPTS = { numRuns: 105, seed: 20261121, endOnFailure: true };
const scripts = fc.array(forgeries, { minLength: 20, maxLength: 20 });

const FACTS = {
  duration: 1_000_000,
  firstTimestamp: 0,
  rotation: 0,
  flip: false,
  displayWidth: 64,
  displayHeight: 48,
  codec: 'vp8',
  frameRate: 30,
  canDecode: true,
  decoderConfig: { codec: 'vp8' },
  codedWidth: 64,
  codedHeight: 48,
  hasAlpha: false,
};
/** Accepted in any order, and without an effect: both refer to a job that does not exist. */
const TO_WINDOW = { kind: 'end', job: 1e9, error: null };
const TO_WORKER = { kind: 'stop', job: 1e9 };
const STRAY = { type: 'DOMException', name: 'EncodingError', message: 'forged', cause: null };

/** A hand-written worker, and the reader whose file it claims to have open, after other facts that cannot be true. */
async function hostileWorker(
  facts: object = FACTS,
  wrong: readonly object[] = [],
): Promise<{ reader: VideoReader; peer: RawPeer }> {
  const { port1, port2 } = new MessageChannel();
  // Except for its termination, a worker is used only in ways that a port supports too.
  const worker = Object.assign(port1, { terminate: () => port2.close() }) as unknown as Worker;
  const opening = openVideo(new Blob(['a film']), { worker: () => worker });
  const peer = await RawPeer.respond(port2, 'reader');
  for (const each of wrong) peer.postRaw([peer.next, { kind: 'head', facts: each }]);
  peer.post({ kind: 'head', facts });
  return { reader: await opening, peer };
}

/** Claims of a message with a frame. */
function sendFrame(peer: RawPeer, spends: boolean, job = 1): void {
  const frame = colourFrame([1, 2, 3], { timestamp: 5 });
  peer.post({ kind: 'frame', job, spends, frame }, [frame]);
}

/**
 * Sends one forged message, and then one that is accepted if the former was rejected: so the next number is known.
 */
async function sendForged(
  peer: RawPeer,
  watch: PortWatch,
  forgery: Forgery,
  next: number,
  probe: object,
  bodies: readonly (() => unknown)[],
): Promise<void> {
  const { body, frames } = withFrames(forge(forgery, bodies));
  peer.postRaw([forgery.inTurn ? next : next + 7, body], frames);
  for (const frame of frames) frame.close();
  peer.postRaw([next, probe]);
  await watch.handled(2);
  expect(watch.thrown).toEqual([]);
}

describe('a window', () => {
  test('survives every message of its worker, and keeps its cap', { timeout: 120_000 }, async () => {
    const watch = watchPorts();
    const outcomes: string[] = [];
    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        const { reader, peer } = await hostileWorker();
        const pool = new VideoFramePool({ capacity: 2 });
        pool.setListener(() => {});
        let job = 1;
        const use = async (): Promise<void> => {
          for (;;) {
            try {
              for await (const handle of reader.frames({ pool })) {
                outcomes.push('frame');
                handle.release();
              }
              outcomes.push('end');
            } catch (error) {
              outcomes.push((error as Error).name);
              if (['AbortError', 'InvalidStateError'].includes((error as Error).name)) return;
            }
            job++;
          }
        };
        const using = use();
        await expect.poll(() => peer.received.length, { interval: 2 }).toBeGreaterThan(2);
        await watch.handled(0);
        let next = peer.next;
        for (const forgery of script) {
          await sendForged(peer, watch, forgery, next++, TO_WINDOW, [
            () => ({ kind: 'frame', job, spends: true, frame: FRAME }),
            () => ({ kind: 'frame', job, spends: false, frame: FRAME }),
            () => ({ kind: 'frame', job: job + 9, spends: false, frame: FRAME }),
            () => ({ kind: 'end', job, error: { ...STRAY, cause: { ...STRAY } } }),
            () => ({ kind: 'head', facts: structuredClone(FACTS) }),
            () => ({ kind: 'failed', error: { ...STRAY } }),
          ]);
          expect(pool.lentCount + pool.decodingCount).toBeLessThanOrEqual(2);
        }
        await reader.close();
        await using;
        expect([pool.lentCount, pool.decodingCount, pool.waitingCount]).toEqual([0, 0, 0]);
        peer.close();
        pool.close();
      }),
      SCRIPTS,
    );
    // The test was not empty: each way to end an iteration occurred.
    expect(outcomes.filter((outcome) => outcome === 'frame').length).toBeGreaterThan(50);
    expect(outcomes).toEqual(expect.arrayContaining(['EncodingError', 'AbortError']));
  });

  test.each([true, false])(
    'ends with DataError if its worker sends beyond its permits: %s',
    async (spends) => {
      const { reader, peer } = await hostileWorker();
      const pool = new VideoFramePool({ capacity: 2 });
      const frames = reader.frames({ pool });
      const first = frames.next();
      await expect.poll(() => peer.received.length).toBeGreaterThan(2);
      for (let sent = 0; sent < 200; sent++) sendFrame(peer, spends);
      const { value } = await first;
      await expect.poll(() => pool.decodingCount).toBe(0);
      // The cap, and the maximum delay of a decoder; the other frames were closed on arrival.
      expect(pool.lentCount).toBeLessThanOrEqual(spends ? 2 : 2 + 2 * MAX_DECODER_DELAY);
      expect(livePictures()).toBe(pool.lentCount);
      value?.release();
      const { seen, error } = await takeUntilError(frames);
      expect(error).toMatchObject({ name: 'DataError' });
      expect([seen.length, pool.lentCount]).toEqual([spends ? 1 : 2 * MAX_DECODER_DELAY - 1, 0]);
      await reader.close();
      peer.close();
      pool.assertNoLeaks();
    },
  );

  test('opens a video only by facts that can be true', async () => {
    const wrong = [
      { duration: 'long' },
      { rotation: 45 },
      { flip: 1 },
      { displayWidth: -1 },
      { codec: {} },
      { codedWidth: 2 ** 40 },
      { codedHeight: NaN },
      { hasAlpha: 'yes' },
      { more: 1 },
    ].map((change) => ({ ...FACTS, ...change }));
    const { reader, peer } = await hostileWorker({ ...FACTS, duration: 5 }, wrong);
    expect(reader.duration).toBe(5);
    await reader.close();
    peer.close();
  });
});

describe('a worker', () => {
  test('survives every message of its window', { timeout: 120_000 }, async () => {
    const watch = watchPorts();
    const film = await clipBlob('vp8.webm');
    let frames = 0;
    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        const { port1, port2 } = new MessageChannel();
        const stop = serveReaders(port1);
        const peer = await RawPeer.call(port2, 'reader');
        await watch.handled(0);
        peer.post({ kind: 'open', source: film, track: null, decoderConfig: {}, alpha: 'keep' });
        await expect.poll(() => peer.received.length, { interval: 2 }).toBe(2);
        await watch.handled(0);
        let next = peer.next;
        const asked = { kind: 'frames', from: -Infinity, to: Infinity, starvationMs: 1000 };
        for (const forgery of script) {
          await sendForged(peer, watch, forgery, next++, TO_WORKER, [
            () => ({ kind: 'start', job: 1, request: { ...asked } }),
            () => ({ kind: 'start', job: 2, request: { kind: 'at', timestamp: 5, starvationMs: 1000 } }),
            () => ({ kind: 'more', job: 1, permits: 2, wanted: 2 }),
            () => ({ kind: 'more', job: 2, permits: 1, wanted: 1 }),
            () => ({ kind: 'dry', job: 1 }),
            () => ({ kind: 'stop', job: 1 }),
            () => ({ kind: 'open', source: film, track: null, decoderConfig: {}, alpha: 'keep' }),
            () => ({ kind: 'open', source: film, track: null, decoderConfig: {}, alpha: 'blend' }),
            () => ({ kind: 'start', job: 1, request: { kind: 'packets', from: 0, to: 5 } }),
          ]);
        }
        peer.postRaw([next++, { kind: 'stop', job: 1 }]);
        peer.postRaw([next++, { kind: 'stop', job: 2 }]);
        await watch.handled(2);
        for (const [, said] of peer.received) {
          const { frame } = said as { frame?: VideoFrame };
          if (frame === undefined) continue;
          frames++;
          frame.close();
        }
        stop();
        peer.close();
        port2.close();
      }),
      SCRIPTS,
    );
    expect(frames).toBeGreaterThan(0);
  });
});
