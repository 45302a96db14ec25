// @ts-check
/**
 * Takes the picture of the demo for README and guides/demo.md: the built demo in the middle of its built-in clip, after single steps and
 * with held frames. No frame depends on the speed of the machine. Run `npm run build:demo` before it.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { preview } from 'vite';
import { browserArguments, requireBrowser } from '../support/browser.mjs';

/** CSS pixels. */
const VIEWPORT = { width: 1280, height: 690 };
/** Pixels of the picture for a CSS pixel. */
const SCALE = 1.5;
/** Of WebP, from 0 to 1: text stays sharp, and the file stays below 150 kB. */
const QUALITY = 0.85;
/** Key that jumps to 70 % of the clip, and single steps after it, with held frames between them. */
const JUMP = '7';
const STEPS = 12;
const STEPS_PER_HOLD = 4;
/** Time for the panels, which are drawn at intervals. */
const DRAWN_MS = 1500;

const root = fileURLToPath(new URL('../..', import.meta.url));
if (!existsSync(`${root}/dist-demo/index.html`))
  throw new Error('there is no built demo: npm run build:demo');

const server = await preview({ root, logLevel: 'error', preview: { host: '127.0.0.1', port: 0 } });
const browser = await chromium.launch({ executablePath: requireBrowser(), args: browserArguments });
try {
  const page = await browser.newPage({ viewport: VIEWPORT, deviceScaleFactor: SCALE, colorScheme: 'light' });
  await page.goto(server.resolvedUrls?.local[0] ?? '');
  await page.waitForSelector('#step-forward:enabled');
  await page.keyboard.press(JUMP);
  await page.waitForTimeout(DRAWN_MS);
  for (let step = 0; step < STEPS; step++) {
    if (step % STEPS_PER_HOLD === 0) await page.click('#hold');
    const before = await page.textContent('#time');
    await page.click('#step-forward');
    await page.waitForFunction((time) => document.querySelector('#time')?.textContent !== time, before);
  }
  await page.mouse.move(0, 0);
  await page.waitForTimeout(DRAWN_MS);
  writeFileSync(`${root}/guides/demo.webp`, await webpOf(await page.screenshot({ type: 'png' })));
} finally {
  await browser.close();
  await server.close();
}

/**
 * A PNG as WebP, encoded in a page of its own: the demo's policy forbids scripts of others.
 * @param {Buffer} png
 */
async function webpOf(png) {
  const page = await browser.newPage();
  const address = await page.evaluate(
    async ({ png, quality }) => {
      const image = new Image();
      image.src = `data:image/png;base64,${png}`;
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = image.width;
      canvas.height = image.height;
      canvas.getContext('2d')?.drawImage(image, 0, 0);
      return canvas.toDataURL('image/webp', quality);
    },
    { png: png.toString('base64'), quality: QUALITY },
  );
  return Buffer.from(address.split(',')[1] ?? '', 'base64');
}
