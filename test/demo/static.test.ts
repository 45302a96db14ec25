/** The built demo as a plain static site: in a folder of a host that knows nothing of it and sends no headers of its own. */
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useDemo } from './fixture.ts';
import { MakingPanel } from './making.ts';
import { LAST } from './page.ts';

const SUB_PATH = '/some/folder/of~somebody/';
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.webm': 'video/webm',
};
const built = fileURLToPath(new URL('../../dist-demo', import.meta.url));

let server: Server;
let url: string;

const demo = useDemo({ before: false, url: () => url });

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
});
afterAll(() => void server.close());

/** The browser reports in the console what the policy forbids, and that alone. */
const expectReports = (): void => {
  expect(demo.complaints.splice(0).filter((line) => !/policy|trusted/iu.test(line))).toEqual([]);
};

test('all of it works from a folder of a host without headers, and its own policy forbids nothing of it', async () => {
  await demo.open((page) =>
    page.addInitScript(() => {
      const forbidden: string[] = [];
      Object.assign(globalThis, { forbidden });
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
        forbidden.push(`${violatedDirective} ${blockedURI}`),
      );
    }),
  );
  await demo.page.selectOption('#rate', '4');
  for (const inWorker of [false, true]) {
    await demo.decodeInWorker(inWorker);
    await demo.playToEnd();
    expect(await demo.mark()).toBe(LAST);
  }
  await demo.fillStrip();
  // By its worker.
  await expect.poll(() => demo.text('#histogram-text')).toMatch(/./u);
  await demo.page.fill('#export-to', '0.5');
  await demo.page.selectOption('#record-seconds', '2');
  for (const id of ['export', 'record'] as const) {
    const panel = new MakingPanel(demo, id);
    await panel.make('webm-vp8');
    await panel.play();
  }
  await demo.page.click('#camera');
  await expect.poll(() => demo.text('#file-name')).toBe('camera');
  await demo.reach('playing');
  await demo.empty();
  expect(await demo.page.evaluate(() => (globalThis as { forbidden?: string[] }).forbidden)).toEqual([]);
});

test('its policy lets a text become a script in one way, which takes the demo’s own workers alone', async () => {
  await demo.open();
  const outcomes = await demo.page.evaluate(() => {
    interface Policies {
      createPolicy(name: string, rules: object): unknown;
    }
    const { trustedTypes } = globalThis as unknown as { trustedTypes: Policies };
    const script = document.createElement('script');
    const attempts: Record<string, () => unknown> = {
      'a worker of any address': () => new Worker('assets/other.js'),
      'a worker of data': () => new Worker('data:text/javascript,'),
      'a script of any address': () => (script.src = 'assets/other.js'),
      'a text as elements': () => (document.body.innerHTML = '<b>taken over</b>'),
      'a text as a page': () => new DOMParser().parseFromString('<b>taken over</b>', 'text/html'),
      'another policy': () => trustedTypes.createPolicy('mine', { createScriptURL: (text: string) => text }),
      'the same policy again': () => trustedTypes.createPolicy('own-scripts', {}),
    };
    return Object.entries(attempts).map(([what, attempt]) => {
      try {
        attempt();
        return [what, 'let through'];
      } catch (error) {
        return [what, (error as Error).name];
      }
    });
  });
  expect(outcomes).toHaveLength(7);
  expect(outcomes.filter(([, outcome]) => outcome !== 'TypeError')).toEqual([]);
  expectReports();
});

test('its policy names no source that is unsafe, and stops a script that is put into the page', async () => {
  await demo.open();
  const policy = await demo.page.getAttribute('meta[http-equiv="Content-Security-Policy"]', 'content');
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain('unsafe');
  const wasStopped = await demo.page.evaluate(async () => {
    const stopped = new Promise((resolve) =>
      addEventListener('securitypolicyviolation', ({ violatedDirective }) => resolve(violatedDirective)),
    );
    const script = document.createElement('script');
    // As a parser would put it there.
    script.append('document.title = "taken over"');
    document.head.append(script);
    return [await stopped, document.title];
  });
  expect(wasStopped).toEqual(['require-trusted-types-for', 'video-frame-pool']);
  expectReports();
});
