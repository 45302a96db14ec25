/** The built demo as a plain static site: in a folder of a host that knows nothing of it and sends no headers of its own. */
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clip, timestampsOf } from '../media/clips.ts';
import { DemoPage, launch } from './page.ts';

const SUB_PATH = '/some/folder/of~somebody/';
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.webm': 'video/webm',
};
const built = fileURLToPath(new URL('../../dist-demo', import.meta.url));
const LAST = timestampsOf(clip('demo.webm')).length - 1;

let server: Server;
let browser: Browser;
let url: string;

beforeAll(async () => {
  server = createServer(({ url: asked = '', headers }, response) => {
    const path = new URL(asked, 'http://host').pathname;
    const file = path.startsWith(SUB_PATH) ? path.slice(SUB_PATH.length) || 'index.html' : null;
    const type = TYPES[extname(file ?? '')];
    if (file === null || file.includes('..') || type === undefined) {
      response.writeHead(404).end();
      return;
    }
    readFile(join(built, file)).then(
      (bytes) => {
        response.setHeader('Content-Type', type);
        const [, from, to] = /^bytes=(\d+)-(\d*)$/u.exec(headers.range ?? '') ?? [];
        if (from === undefined) {
          response.end(bytes);
          return;
        }
        const part = bytes.subarray(Number(from), to === '' ? undefined : Number(to) + 1);
        const range = `bytes ${from}-${Number(from) + part.length - 1}/${bytes.length}`;
        response.writeHead(206, { 'Content-Range': range }).end(part);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${SUB_PATH}`;
  browser = await launch();
});
afterAll(async () => {
  await browser.close();
  server.close();
});

test('plays from a folder of a host without headers, in the page and in a worker, and its own policy forbids nothing of it', async () => {
  const demo = await DemoPage.open(browser, url, async (page) => {
    await page.addInitScript(() => {
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
        console.error(`forbidden: ${violatedDirective} ${blockedURI}`),
      );
    });
  });
  for (const inWorker of [false, true]) {
    await demo.decodeInWorker(inWorker);
    await expect.poll(() => demo.origin()).toBe(`Decoded in ${inWorker ? 'a worker' : 'the page'}.`);
    await demo.page.click('#play');
    await demo.reach('ended');
    expect(await demo.mark()).toBe(LAST);
  }
  await demo.fillStrip();
  await demo.settle();
  await demo.close();
});

test('its policy names no source that is unsafe, and stops a script that is put into the page', async () => {
  const demo = await DemoPage.open(browser, url);
  const policy = await demo.page.getAttribute('meta[http-equiv="Content-Security-Policy"]', 'content');
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain('unsafe');
  const wasStopped = await demo.page.evaluate(async () => {
    const stopped = new Promise((resolve) =>
      addEventListener('securitypolicyviolation', ({ violatedDirective }) => resolve(violatedDirective)),
    );
    const script = document.createElement('script');
    script.textContent = 'document.title = "taken over"';
    document.head.append(script);
    return [await stopped, document.title];
  });
  expect(wasStopped).toEqual(['script-src-elem', 'video-frame-pool']);
  expect(demo.complaints.every((text) => text.includes('Content Security Policy'))).toBe(true);
  await demo.close();
});
