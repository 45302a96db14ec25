/** A tab that is truly hidden writes on: the built package, in a browser that is driven over the raw DevTools protocol. */
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

/** Writes three seconds of a moving square, and tells how often the browser asked for a picture meanwhile. */
const WRITE = `(async () => {
  const { BufferTarget, WebMOutputFormat, Input, ALL_FORMATS, BufferSource, EncodedPacketSink } = await import('mediabunny');
  const { FrameWriter } = await import('/dist/media.js');
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

let server: Server;
let browser: RawBrowser;
let address: string;

beforeAll(async () => {
  server = createServer(({ url = '/' }, response) => {
    const file = join(root, url);
    const isFile = url.startsWith('/dist/') || url.startsWith('/node_modules/mediabunny/');
    if (isFile && existsSync(file)) {
      response.setHeader('Content-Type', 'text/javascript');
      createReadStream(file).pipe(response);
      return;
    }
    response.setHeader('Content-Type', 'text/html').end(PAGE);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  browser = new RawBrowser();
});

afterAll(async () => {
  await browser.close();
  server.close();
});

async function visibilityOf(tab: RawTab): Promise<unknown> {
  return tab.evaluate('document.visibilityState');
}

test('a writer in a tab with another one in front writes all of its samples, without an animation frame', async () => {
  const writing = await browser.open(address);
  // A tab begins with an empty document, which is complete, too.
  await expect
    .poll(() => writing.evaluate('`${document.title} ${document.readyState}`'), { timeout: 30_000 })
    .toBe('writer complete');
  expect(await visibilityOf(writing)).toBe('visible');
  const front = await browser.open('about:blank');
  await front.show();
  await expect.poll(() => visibilityOf(writing), { timeout: 30_000 }).toBe('hidden');
  expect(await writing.evaluate(WRITE)).toEqual({ states: ['hidden'], painted: 0, packets: 90 });
});
