// @ts-check
/**
 * Takes the picture of the demo for README and guides/demo.md: the built demo, after some seconds of its built-in clip, with a held
 * frame. Run `npm run build:demo` before it.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { preview } from 'vite';
import { browserArguments, requireBrowser } from '../support/browser.mjs';

/** CSS pixels. */
const VIEWPORT = { width: 1280, height: 800 };
/** Pixels of the picture for a CSS pixel. */
const SCALE = 1.5;
/** Of WebP, from 0 to 1: text stays sharp, and the file stays below 150 kB. */
const QUALITY = 0.85;
/** Time of playing, which fills the charts. */
const PLAYED_MS = 8000;

const root = fileURLToPath(new URL('../..', import.meta.url));
if (!existsSync(`${root}/dist-demo/index.html`))
  throw new Error('there is no built demo: npm run build:demo');

const server = await preview({ root, logLevel: 'error', preview: { host: '127.0.0.1', port: 0 } });
const browser = await chromium.launch({ executablePath: requireBrowser(), args: browserArguments });
try {
  const page = await browser.newPage({ viewport: VIEWPORT, deviceScaleFactor: SCALE, colorScheme: 'light' });
  await page.goto(server.resolvedUrls?.local[0] ?? '');
  await page.click('#play');
  await page.waitForSelector('#player[data-state="playing"]');
  await page.waitForTimeout(PLAYED_MS / 2);
  await page.click('#hold');
  await page.waitForTimeout(PLAYED_MS / 2);
  await page.mouse.move(0, 0);
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
