// @ts-check
/** Finds a Chromium for the tests, and installs one if it is missing. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { chromium } from 'playwright';
import { installPackages, mayInstall } from './debian.mjs';

const SYSTEM_BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Flags for every start: quiet on the network, and without the sandbox if root must not have one. */
export const browserArguments = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
];

/** A camera that shows a moving picture, without a prompt. */
export const fakeCamera = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

/**
 * The browser's path: the environment variable VFP_BROWSER, the system's Chromium or Chrome, Playwright's own.
 * @returns {string | undefined}
 */
export function browserPath() {
  const chosen = process.env['VFP_BROWSER'];
  if (chosen !== undefined && chosen !== '') {
    if (!existsSync(chosen)) throw new Error(`VFP_BROWSER names ${chosen}, which does not exist`);
    return chosen;
  }
  const system = SYSTEM_BROWSERS.find((path) => existsSync(path));
  if (system !== undefined) return system;
  const own = chromium.executablePath();
  return existsSync(own) ? own : undefined;
}

/** Makes sure that there is a browser, or ends the process with one line that names the missing packages. */
export function requireBrowser() {
  const found = browserPath();
  if (found !== undefined) return found;
  console.log(
    'No Chromium or Chrome found. Installing Playwright’s Chromium (npx playwright install chromium) …',
  );
  spawnSync('npx', ['playwright', 'install', 'chromium'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (browserPath() === undefined && mayInstall()) installPackages(['chromium']);
  const installed = browserPath();
  if (installed === undefined) {
    console.error(
      'The tests need a browser: install Chromium or Chrome, or set VFP_BROWSER to the path of one.',
    );
    process.exit(1);
  }
  return installed;
}
