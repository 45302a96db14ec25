/** The built demo as a static site: in a subfolder of a host that sends no special headers. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useDemo } from './fixture.ts';
import { FilePanelPage } from './file-panel.ts';
import { LAST } from './page.ts';
import { serveDemo } from './serve.ts';

const SUB_PATH = '/some/folder/of~somebody/';

let server: Awaited<ReturnType<typeof serveDemo>>;

const demo = useDemo({ before: false, url: () => server.url });

beforeAll(async () => {
  server = await serveDemo({
    // Without the headers of the project's own server.
    configFile: false,
    appType: 'mpa',
    base: SUB_PATH,
    build: { outDir: 'dist-demo' },
    preview: { cors: false },
  });
});
afterAll(() => server.close());

/** The console has only reports of policy violations. */
const expectReports = (): void => {
  expect(demo.complaints.splice(0).filter((line) => !/policy|trusted/iu.test(line))).toEqual([]);
};

test('everything works from a subfolder without headers, under its own policy', async () => {
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
  // Counted by its worker.
  await expect.poll(() => demo.text('#histogram-text')).toMatch(/./u);
  await demo.page.fill('#export-to', '0.5');
  await demo.page.selectOption('#record-seconds', '2');
  for (const id of ['export', 'record'] as const) {
    const panel = new FilePanelPage(demo, id);
    await panel.make('webm-vp8');
    await panel.play();
  }
  await demo.turnOnCamera();
  await demo.empty();
  expect(await demo.page.evaluate(() => (globalThis as { forbidden?: string[] }).forbidden)).toEqual([]);
});

test('its policy turns text into a script only for the demo’s own workers', async () => {
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

test('its policy has no unsafe source, and blocks an injected script', async () => {
  await demo.open();
  const policy = await demo.page.getAttribute('meta[http-equiv="Content-Security-Policy"]', 'content');
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain('unsafe');
  const wasStopped = await demo.page.evaluate(async () => {
    const stopped = new Promise((resolve) =>
      addEventListener('securitypolicyviolation', ({ violatedDirective }) => resolve(violatedDirective)),
    );
    const script = document.createElement('script');
    // As a parser would insert it.
    script.append('document.title = "taken over"');
    document.head.append(script);
    return [await stopped, document.title];
  });
  expect(wasStopped).toEqual(['require-trusted-types-for', 'video-frame-pool']);
  expectReports();
});
