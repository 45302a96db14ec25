/**
 * Hidden and frozen tabs: the built package keeps writing in a hidden tab and continues after a freeze. Driven through
 * the raw DevTools protocol.
 */
import { createReadStream, existsSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RawTab } from '../support/raw-devtools.ts';
import { RawBrowser } from '../support/raw-devtools.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const PAGE = `<!doctype html><title>writer</title><script type="importmap">
{ "imports": { "mediabunny": "/node_modules/mediabunny/dist/bundles/mediabunny.mjs" } }
</script>`;

/** Writes three seconds of a moving square, and counts the animation frames meanwhile. */
const WRITE = `(async () => {
  const { BufferTarget, WebMOutputFormat, Input, ALL_FORMATS, BufferSource, EncodedPacketSink } = await import('mediabunny');
  const { FrameWriter } = await import('/dist/media/index.js');
  let painted = 0;
  const count = () => { painted++; requestAnimationFrame(count); };
  requestAnimationFrame(count);
  const target = new BufferTarget();
  const writer = new FrameWriter({ format: new WebMOutputFormat(), target, capacity: 1 });
  const stream = await writer.addVideoStream({ codec: 'vp8', width: 320, height: 180 });
  await writer.beginWriting();
  const states = new Set();
  for (let index = 0; index < 90; index++) {
    states.add(document.visibilityState);
    const sample = await writer.allocateSample(stream);
    sample.context.fillRect(index, 0, 20, 20);
    await writer.writeSample(stream, sample, { timestamp: index * 33333 });
  }
  await writer.finalize();
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(target.buffer) });
  let packets = 0;
  for await (const packet of new EncodedPacketSink(await input.getPrimaryVideoTrack()).packets()) packets++;
  return { states: [...states], painted, packets };
})()`;

/** Reads a video on the main thread and in a worker, and writes one, in endless loops; counts the rounds of each. */
const WORK = `(async () => {
  const { NullTarget, WebMOutputFormat } = await import('mediabunny');
  const { VideoFramePool } = await import('/dist/index.js');
  const { FrameWriter, openVideo } = await import('/dist/media/index.js');
  const blob = await (await fetch('/test/media/vp8.webm')).blob();
  const counts = (globalThis.counts = { here: 0, worker: 0, writer: 0 });
  const errors = (globalThis.errors = []);
  const pool = (globalThis.pool = new VideoFramePool({ capacity: 4 }));
  const stop = (globalThis.stop = new AbortController());
  const reading = async (name, options) => {
    const reader = await openVideo(blob, options);
    while (!stop.signal.aborted) {
      for await (const handle of reader.frames({ pool, starvationMs: 500 })) {
        counts[name]++;
        handle.release();
        if (stop.signal.aborted) break;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
    await reader.close();
  };
  const writing = async () => {
    const writer = new FrameWriter({ format: new WebMOutputFormat(), target: new NullTarget() });
    const stream = await writer.addVideoStream({ codec: 'vp8', width: 64, height: 36 });
    await writer.beginWriting();
    for (; !stop.signal.aborted; counts.writer++) {
      const sample = await writer.allocateSample(stream);
      sample.context.fillRect(counts.writer % 64, 0, 2, 20);
      await writer.writeSample(stream, sample, { timestamp: counts.writer * 33333 });
    }
    await writer.finalize();
  };
  const worker = () => new Worker('/dist/worker.js');
  globalThis.done = Promise.all([reading('here', {}), reading('worker', { worker }), writing()].map((each) => each.catch((error) => errors.push(String(error)))));
})()`;

let server: Server;
let browser: RawBrowser;
let address: string;

beforeAll(async () => {
  server = createServer(({ url = '/' }, response) => {
    const file = join(root, url);
    const isServed = /^\/(?:dist|node_modules\/mediabunny|test\/media)\//u.test(url) && existsSync(file);
    const type = /\.m?js$/u.test(file) ? 'text/javascript' : 'video/webm';
    response.setHeader('Content-Type', isServed ? type : 'text/html');
    if (isServed) createReadStream(file).pipe(response);
    else response.end(PAGE);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  browser = new RawBrowser();
});

afterAll(async () => {
  await browser.close();
  server.close();
});

/**
 * Opens the page in the foreground, and waits until it is loaded: a tab starts with an empty document, which is
 * complete as well.
 */
async function open(): Promise<RawTab> {
  const tab = await browser.open(address);
  await tab.reads('`${document.title} ${document.readyState}`', 'writer complete');
  await tab.show();
  return tab;
}

test('a writer in a background tab writes all samples, without animation frames [fault: page]', async () => {
  const writing = await open();
  await writing.hide();
  expect(await writing.evaluate(WRITE)).toEqual({ states: ['hidden'], painted: 0, packets: 90 });
});

test('a page frozen while it reads and writes continues afterwards, without starvation [fault: page]', async () => {
  // In the foreground: timers of hidden pages are slow.
  const tab = await open();
  await tab.evaluate(WORK);
  const counts = async (): Promise<Record<string, number>> =>
    (await tab.evaluate('counts')) as Record<string, number>;
  /** Minimum number of rounds of any loop since then. */
  const least = async (since: Record<string, number> = {}): Promise<number> =>
    Math.min(...Object.entries(await counts()).map(([what, count]) => count - (since[what] ?? 0)));
  await expect.poll(() => least(), { timeout: 30_000 }).toBeGreaterThan(2);
  await tab.live('frozen');
  const before = await counts();
  // Twice the time after which a consumer counts as starved here.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const frozen = await counts();
  await tab.live('active');
  await expect.poll(() => least(frozen), { timeout: 30_000 }).toBeGreaterThan(2);
  await tab.evaluate('stop.abort(), done');
  expect(await tab.evaluate('errors')).toEqual([]);
  expect(await tab.evaluate('pool.assertNoLeaks(), [pool.lentCount, pool.decodingCount]')).toEqual([0, 0]);
  // The page was really frozen: its timers stopped. Encoders continue by themselves.
  expect([frozen['here'], frozen['worker']]).toEqual([before['here'], before['worker']]);
});
