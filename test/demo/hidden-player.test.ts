/** Player in a tab that is really hidden, and in a page without user activation: through the raw DevTools protocol. */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import type { RawTab } from '../support/raw-devtools.ts';
import { RawBrowser } from '../support/raw-devtools.ts';
import { media } from './page.ts';

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
  await reaches('paused');
});
afterEach(async () => {
  await tab.evaluate(`document.querySelector('#close').click()`);
  for (const count of ['lent', 'decoding'])
    await tab.reads(`document.querySelector('#count-${count}').textContent`, '0');
});

const reaches = (state: string): Promise<void> =>
  tab.reads(`document.querySelector('#player')?.dataset.state ?? ''`, state);
const position = async (): Promise<number> =>
  Number(await tab.evaluate(`document.querySelector('#player').dataset.position`));
const passes = (time: number): Promise<void> =>
  expect.poll(position, { timeout: 60_000 }).toBeGreaterThan(time);
const dropped = async (): Promise<number> =>
  Number.parseInt(String(await tab.evaluate(`document.querySelector('#drops').textContent || '0'`)), 10);

/** Clicks the play button. */
const toggle = async (state: 'playing' | 'paused'): Promise<void> => {
  await tab.evaluate(`document.querySelector('#play').click()`);
  await reaches(state);
};

const choose = async (file: string): Promise<void> => {
  const bytes = readFileSync(media(file));
  await tab.evaluate(`{
    const data = new DataTransfer();
    const bytes = Uint8Array.from(atob('${bytes.toString('base64')}'), (letter) => letter.charCodeAt(0));
    data.items.add(new File([bytes], '${file}'));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }));
  }`);
  await tab.reads(`document.querySelector('#file-name').textContent`, file);
  await reaches('paused');
};

/** Opens a video with sound in a page with user activation. */
const chooseAudible = async (file: string): Promise<void> => {
  await tab.press(' ');
  await tab.press(' ');
  await choose(file);
  await tab.reads(`document.querySelector('#mute').disabled`, false);
};

/** Brings another tab to the front for a time in ms. */
const hideFor = async (time: number): Promise<void> => {
  await tab.hide();
  await new Promise((resolve) => setTimeout(resolve, time));
  expect(await tab.evaluate('document.visibilityState')).toBe('hidden');
};

/** A position of the player in µs, and its time in ms since the page was shown again. */
type Change = readonly [now: number, at: number];

/** Shows the tab again, and returns a sampler of the position changes since then. */
const showAgain = async (): Promise<() => Promise<Change[]>> => {
  await tab.evaluate(`{
    globalThis.changes = [];
    let shown = NaN;
    document.addEventListener('visibilitychange', () => { shown = performance.now(); }, { once: true });
    const player = document.querySelector('#player');
    new MutationObserver(() => changes.push([performance.now() - shown, Number(player.dataset.position)]))
      .observe(player, { attributeFilter: ['data-position'] });
  }`);
  await tab.show();
  const changes = async (): Promise<Change[]> => (await tab.evaluate('changes')) as Change[];
  await expect.poll(async () => (await changes()).length, { timeout: 60_000 }).toBeGreaterThan(0);
  return changes;
};

test('a silent video pauses while hidden, and resumes there without burst or drop [fault: page]', async () => {
  await choose('long_gop.mp4');
  await toggle('playing');
  await passes(SECOND);
  await hideFor(3000);
  const hidden = await position();
  const before = await dropped();
  const changes = await showAgain();
  await passes(hidden + SECOND);
  // The three hidden seconds are not caught up on, neither at once nor gradually.
  for (const [now, at] of await changes())
    expect(at - hidden, `${now} ms after it was shown`).toBeLessThan(now * 1000 + SECOND / 2);
  // Drops can only be frames due since then, at 30 frames a second; a busy page may drop any of these.
  expect((await dropped()) - before).toBeLessThanOrEqual((((await position()) - hidden) / SECOND) * 30 + 15);
  await toggle('paused');
});

test('a video with sound stays audible while hidden; its frames rejoin the sound', async () => {
  await chooseAudible('sync.mp4');
  await toggle('playing');
  await passes(SECOND);
  const begun = Date.now();
  const from = await position();
  await hideFor(6000);
  // No frame is decoded while hidden.
  const hidden = await position();
  expect(hidden - from).toBeLessThan((Date.now() - begun) * 1000);
  const before = await dropped();
  const changes = await showAgain();
  const [[, joined] = [NaN, NaN]] = await changes();
  expect(joined - hidden).toBeGreaterThan(5 * SECOND);
  expect(joined - from).toBeLessThan((Date.now() - begun) * 1000 + SECOND / 10);
  await passes(joined + SECOND);
  // Drops can only be frames due since then, at ten frames a second, not those due while hidden.
  expect((await dropped()) - before).toBeLessThanOrEqual((((await position()) - joined) / SECOND) * 10 + 5);
  await toggle('paused');
});

test('a video with sound that ends while hidden shows its last frame', async () => {
  await chooseAudible('h264_sound.mp4');
  await tab.evaluate(`document.querySelector('#play').click()`);
  await passes(SECOND / 4);
  await hideFor(1000);
  await reaches('ended');
  expect(await position()).toBe(1_966_666);
});

test('without user activation a video with sound plays silently, and aloud after it', async () => {
  await tab.evaluate(`
    globalThis.contexts = [];
    globalThis.AudioContext = class extends AudioContext { constructor(options) { super(options); contexts.push(this); } };
  `);
  const states = 'contexts.map(({ state }) => state)';
  await toggle('playing');
  await passes(SECOND);
  expect(await tab.evaluate(states)).toEqual(['suspended']);
  await tab.press('k');
  await reaches('paused');
  await tab.press('k');
  await tab.reads(states, ['running']);
  await passes((await position()) + SECOND);
  await tab.press('k');
  await reaches('paused');
});
