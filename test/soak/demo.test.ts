/** Ten minutes of random use of the demo. `SOAK_SEED` sets the seed, and `SOAK_MINUTES` the duration. */
import process from 'node:process';
import { expect, test } from 'vitest';
import { useDemo } from '../demo/fixture.ts';
import { media } from '../demo/page.ts';
import { Random } from './random.ts';

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 10);
const SEED = Number(process.env['SOAK_SEED'] ?? Date.now() % 1e6);

/** Number of periods of use; after each, everything is closed and counted. */
const STRETCHES = 10;

/** Allowed heap growth from the first period to the last: engines keep data for code that has become hot. */
const GROWTH = { ratio: 1.15, bytes: 1e6 };

/** Expected messages while too many frames are held. */
const OF_HOLDING = /^The player is waiting for a frame|frames? (?:is|are) in use/u;

const FILES = ['vp8.webm', 'h264_bframes.mp4', 'vp9_odd.webm', 'av1.mp4', 'h264_rotated.mp4', 'demo.webm'];

const demo = useDemo();
const random = new Random(SEED);

type Action = () => Promise<unknown>;

const press =
  (...keys: string[]): Action =>
  () =>
    demo.press(random.of(keys));
const click =
  (selector: string): Action =>
  () =>
    demo.page.click(selector, { timeout: 1000 }).catch(() => {
      // The control may be disabled at the moment.
    });
const seek: Action = () => demo.seek(random.below(12_000_000));

/** Actions; repeated entries are more frequent. */
const ACTIONS: readonly (readonly [string, Action])[] = [
  ['a key of playing', press(' ', 'k')],
  ['a step', press(',', '.')],
  ['a jump', press('j', 'l', 'ArrowLeft', 'ArrowRight', 'Home', 'End', '0', '3', '7')],
  ['speed', press('<', '>')],
  ['sound', press('m', 'ArrowUp', 'ArrowDown')],
  ['a part', press('i', 'o', 'r')],
  ['a seek', seek],
  [
    'many seeks',
    async () => {
      for (let count = 0; count < 12; count++) await seek();
    },
  ],
  ['the capacity', () => demo.setCapacity(1 + random.below(16))],
  ['a hold', click('#hold')],
  ['release', click('#release-held')],
  ['another video', () => demo.choose(media(random.of(FILES)))],
  ['the camera', click('#camera')],
  ['a worker', click('#in-worker')],
  ['a thumbnail', click('#film-strip button:nth-of-type(3)')],
  ['close', click('#close')],
  ['another size', () => demo.page.setViewportSize({ width: 360 + random.below(1200), height: 800 })],
];

test(`${MINUTES} minutes of random use, seed ${SEED}: no error, no lent slot, a flat heap`, async () => {
  const devtools = await demo.page.context().newCDPSession(demo.page);
  /** Size of the page's heap after garbage collection, in bytes. */
  const heaps: number[] = [];
  let done = 0;
  for (let stretch = 0; stretch < STRETCHES; stretch++) {
    const lasts = Date.now() + (MINUTES * 60_000) / STRETCHES;
    do {
      const [name, action] = random.of(ACTIONS);
      await action();
      if (random.below(3) === 0) await demo.page.waitForTimeout(random.below(700));
      const words = await demo.problem();
      if (words !== '' && !OF_HOLDING.test(words))
        throw new Error(`after ${name}, the ${done}th action with seed ${SEED}: ${words}`);
      done++;
    } while (Date.now() < lasts);
    await click('#release-held')();
    // Not with the helper, which gives up if the page is too busy for a click within a second.
    if ((await demo.state()) !== 'empty') await demo.page.click('#close');
    await expect
      .poll(() => demo.state(), { message: `after ${done} actions with seed ${SEED}` })
      .toBe('empty');
    await demo.settle();
    await devtools.send('HeapProfiler.collectGarbage');
    heaps.push((await devtools.send('Runtime.getHeapUsage')).usedSize);
  }
  expect(done).toBeGreaterThan(STRETCHES);
  const [first = NaN] = heaps;
  const last = heaps.at(-1) ?? NaN;
  console.log(
    `${done} actions; heap after each stretch, in MB: ${heaps.map((bytes) => (bytes / 1e6).toFixed(2)).join(', ')}`,
  );
  expect(last, `heap from ${first} to ${last} bytes`).toBeLessThan(first * GROWTH.ratio + GROWTH.bytes);
});
