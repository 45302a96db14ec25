/** Charts of the built demo. */
import { expect, inject, test } from 'vitest';
import { RawBrowser } from '../support/raw-devtools.ts';
import { useDemo } from './fixture.ts';

const demo = useDemo();

/** Values next to a chart's title, by their labels. */
async function figures(chart: string): Promise<Record<string, number>> {
  const keys = await demo.page.$$eval(`[data-chart="${chart}"] .key`, (found) =>
    found.map((key) => [key.firstChild?.textContent?.trim(), key.querySelector('b')?.textContent] as const),
  );
  return Object.fromEntries(keys.map(([label, value]) => [label, parseFloat(value ?? '')]));
}

/** Number of pixels of a chart in one of the page's colours. */
function pixelsOf(chart: string, property: string): Promise<number> {
  return demo.page.$eval(
    `[data-chart="${chart}"] canvas`,
    (found, name) => {
      const canvas = found as HTMLCanvasElement;
      const context = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', {
        willReadFrequently: true,
      });
      if (context === null) return 0;
      context.fillStyle = getComputedStyle(document.body).getPropertyValue(name).trim();
      context.fillRect(0, 0, 1, 1);
      const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
      context.clearRect(0, 0, 1, 1);
      context.drawImage(canvas, 0, 0);
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 0; at < data.length; at += 4)
        if (data[at] === red && data[at + 1] === green && data[at + 2] === blue && data[at + 3] === 255)
          count++;
      return count;
    },
    property,
  );
}

test('each has an accessible name, and its values as text', async () => {
  const charts = demo.page.locator('#chart figure');
  expect(await charts.count()).toBe(5);
  const labels = await demo.page.$$eval('#chart [role="img"]', (found) => found.map((it) => it.ariaLabel));
  const titles = ['Slots', 'Decoder', 'Memory', 'Frames', 'Decode-to-display latency'];
  expect(labels).toEqual(titles.map((title) => `${title}, last 30 seconds`));
  await expect.poll(() => charts.nth(0).locator('figcaption').textContent()).toBe('Slotsfree 6lent 0');
  expect(await demo.page.$$('#chart [aria-live], #chart [role="status"]')).toHaveLength(0);
});

test('they show lent slots, drawn frames and the latency of each frame', async () => {
  await demo.playOn();
  await expect.poll(async () => (await figures('frames'))['drawn']).toBeGreaterThan(10);
  await expect.poll(async () => (await figures('slots'))['lent']).toBeGreaterThan(0);
  const [latency, memory] = await Promise.all(
    ['latency', 'memory'].map(async (chart) => Object.values(await figures(chart))[0]),
  );
  expect(latency).toBeGreaterThanOrEqual(0);
  // In ms: no frame can be older than the page.
  expect(latency).toBeLessThan(await demo.page.evaluate(() => performance.now()));
  expect(memory).toBeGreaterThan(0);
  await demo.pause();
  await expect.poll(() => figures('slots')).toEqual({ free: 6, lent: 0 });
  await expect.poll(async () => (await figures('frames'))['drawn']).toBe(0);
  await demo.page.click('#hold');
  await expect.poll(() => figures('slots')).toEqual({ free: 5, lent: 1 });
  await demo.page.click('#release-held');
});

test('frames that are due faster than the page paints are charted as dropped', async () => {
  await demo.page.selectOption('#rate', '4');
  await demo.press('r', 'k');
  await expect.poll(async () => (await figures('frames'))['dropped']).toBeGreaterThan(5);
  await demo.pause();
  await expect.poll(async () => (await figures('frames'))['dropped']).toBe(0);
});

test('they use the page’s colours, and are redrawn when these change', async () => {
  await demo.page.emulateMedia({ colorScheme: 'light' });
  for (const colorScheme of ['dark', 'light', 'dark'] as const) {
    await demo.page.emulateMedia({ colorScheme });
    await expect.poll(() => pixelsOf('slots', '--free'), { message: colorScheme }).toBeGreaterThan(3);
    await expect.poll(() => pixelsOf('slots', '--lent'), { message: colorScheme }).toBeGreaterThan(3);
  }
});

test('they fill the available width, also after it changes', async () => {
  for (const width of [1280, 360, 900]) {
    await demo.page.setViewportSize({ width, height: 800 });
    await expect
      .poll(() =>
        demo.page.$$eval('#chart [role="img"]', (hosts) =>
          hosts.map((host) => Math.abs((host.querySelector('.uplot')?.clientWidth ?? 0) - host.clientWidth)),
        ),
      )
      .toEqual([0, 0, 0, 0, 0]);
    expect(await demo.overflow()).toBe(0);
  }
});

test('they are not drawn while the page is hidden, and continue afterwards', async () => {
  const raw = new RawBrowser();
  try {
    const tab = await raw.open(inject('demoUrl'));
    const draws = (): Promise<unknown> => tab.evaluate('globalThis.draws ?? 0');
    await tab.reads(`document.querySelectorAll('#chart canvas').length`, 5);
    await tab.evaluate(`{
      const { clearRect } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.clearRect = function (...args) {
        if (this.canvas.closest('#chart') !== null) globalThis.draws = (globalThis.draws ?? 0) + 1;
        clearRect.apply(this, args);
      };
    }`);
    await expect.poll(draws).toBeGreaterThan(10);
    await tab.hide();
    const before = await draws();
    // Three ticks of a hidden page, which come once a second.
    await tab.evaluate(`new Promise((resolve) => {
      let ticks = 0;
      const timer = setInterval(() => { if (++ticks === 3) { clearInterval(timer); resolve(); } }, 250);
    })`);
    expect(await draws()).toBe(before);
    await tab.show();
    await expect.poll(draws).toBeGreaterThan(Number(before) + 10);
  } finally {
    await raw.close();
  }
});
