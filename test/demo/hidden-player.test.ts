/** The player in a tab that is truly hidden, and in a page that nobody has touched: over the raw DevTools protocol. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import type { RawTab } from '../support/raw-devtools.ts';
import { RawBrowser } from '../support/raw-devtools.ts';

const SECOND = 1_000_000;

let browser: RawBrowser;
let tab: RawTab;

beforeAll(() => {
  browser = new RawBrowser();
});
afterAll(() => browser.close());

beforeEach(async () => {
  tab = await browser.open(inject('demoUrl'));
  await tab.show();
  await expect.poll(state, { timeout: 30_000 }).toBe('paused');
});
afterEach(async () => {
  await tab.evaluate(`document.querySelector('#close').click()`);
  await expect.poll(() => tab.evaluate(`document.querySelector('#count-lent').textContent`)).toBe('0');
  await expect.poll(() => tab.evaluate(`document.querySelector('#count-decoding').textContent`)).toBe('0');
});

const dataOf = (name: string): Promise<unknown> =>
  tab.evaluate(`document.querySelector('#player')?.dataset.${name} ?? ''`);
const state = (): Promise<unknown> => dataOf('state');
const position = async (): Promise<number> => Number(await dataOf('position'));
const dropped = async (): Promise<number> =>
  Number.parseInt(String(await tab.evaluate(`document.querySelector('#drops').textContent || '0'`)), 10);

const play = async (): Promise<void> => {
  await tab.evaluate(`document.querySelector('#play').click()`);
  await expect.poll(state).toBe('playing');
};

const choose = async (file: string): Promise<void> => {
  const bytes = readFileSync(fileURLToPath(new URL(`../media/${file}`, import.meta.url)));
  await tab.evaluate(`(async () => {
    const data = new DataTransfer();
    const bytes = Uint8Array.from(atob('${bytes.toString('base64')}'), (letter) => letter.charCodeAt(0));
    data.items.add(new File([bytes], '${file}'));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }));
  })()`);
  await expect.poll(() => tab.evaluate(`document.querySelector('#file-name').textContent`)).toBe(file);
  await expect.poll(state).toBe('paused');
};

/** Puts another tab in front for a while, in ms. */
const hideFor = async (time: number): Promise<void> => {
  const front = await browser.open('about:blank');
  await front.show();
  await expect.poll(() => tab.evaluate('document.visibilityState'), { timeout: 30_000 }).toBe('hidden');
  await new Promise((resolve) => setTimeout(resolve, time));
  expect(await tab.evaluate('document.visibilityState')).toBe('hidden');
};

/** Notes each change of the position, and when that was. */
const NOTE = `
  globalThis.changes = [];
  new MutationObserver(() => changes.push([performance.now(), Number(document.querySelector('#player').dataset.position)]))
    .observe(document.querySelector('#player'), { attributeFilter: ['data-position'] });
`;

test('a silent film stands while it is hidden, and goes on from there, without a burst and without a drop [fault: page]', async () => {
  await choose('long_gop.mp4');
  await play();
  await expect.poll(position).toBeGreaterThan(SECOND);
  await hideFor(3000);
  const hidden = await position();
  const before = await dropped();
  await tab.evaluate(NOTE);
  await tab.show();
  await expect.poll(position).toBeGreaterThan(hidden + SECOND);
  const changes = (await tab.evaluate('changes')) as [number, number][];
  const [first, firstPosition] = changes[0] ?? [NaN, NaN];
  // The three seconds are not caught up with: neither at once nor faster than the film is.
  expect(firstPosition - hidden).toBeLessThan(SECOND / 2);
  for (const [now, at] of changes)
    expect(at - firstPosition, `at ${now}`).toBeLessThan((now - first) * 1000 + SECOND / 2);
  expect((await dropped()) - before).toBeLessThan(15);
  await tab.evaluate(`document.querySelector('#play').click()`);
  await expect.poll(state).toBe('paused');
});

test('a film with sound is heard while it is hidden, and its pictures join where the sound is', async () => {
  // Touched, for the sound to be let run.
  await tab.press(' ');
  await tab.press(' ');
  await choose('sync.mp4');
  await expect.poll(() => tab.evaluate(`document.querySelector('#mute').disabled`)).toBe(false);
  await play();
  await expect.poll(position).toBeGreaterThan(SECOND);
  const begun = Date.now();
  const from = await position();
  await hideFor(6000);
  // No picture is made that nobody sees.
  const hidden = await position();
  expect(hidden - from).toBeLessThan((Date.now() - begun) * 1000);
  const before = await dropped();
  await tab.evaluate(NOTE);
  await tab.show();
  await expect.poll(async () => ((await tab.evaluate('changes')) as unknown[]).length).toBeGreaterThan(0);
  const [[, joined]] = (await tab.evaluate('changes')) as [[number, number]];
  expect(joined - hidden).toBeGreaterThan(5 * SECOND);
  expect(joined - from).toBeLessThan((Date.now() - begun) * 1000 + SECOND / 10);
  await expect.poll(position).toBeGreaterThan(joined + SECOND);
  expect((await dropped()) - before).toBeLessThan(5);
  await tab.evaluate(`document.querySelector('#play').click()`);
  await expect.poll(state).toBe('paused');
});

test('a film with sound that ends while it is hidden has ended, at its last frame', async () => {
  await tab.press(' ');
  await tab.press(' ');
  await choose('h264_sound.mp4');
  await expect.poll(() => tab.evaluate(`document.querySelector('#mute').disabled`)).toBe(false);
  await play();
  await expect.poll(position).toBeGreaterThan(SECOND / 4);
  await hideFor(1000);
  await expect.poll(state).toBe('ended');
  expect(await position()).toBe(1_966_666);
});

test('a film with sound plays in a page that nobody has touched, silently, and aloud when somebody has', async () => {
  await tab.evaluate(`
    globalThis.contexts = [];
    globalThis.AudioContext = class extends AudioContext { constructor(options) { super(options); contexts.push(this); } };
  `);
  await play();
  await expect.poll(position).toBeGreaterThan(SECOND);
  expect(await tab.evaluate('contexts.map(({ state }) => state)')).toEqual(['suspended']);
  await tab.press('k');
  await expect.poll(state).toBe('paused');
  await tab.press('k');
  await expect.poll(() => tab.evaluate('contexts.map(({ state }) => state)')).toEqual(['running']);
  const before = await position();
  await expect.poll(position).toBeGreaterThan(before + SECOND);
  await tab.press('k');
  await expect.poll(state).toBe('paused');
});
