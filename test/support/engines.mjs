// @ts-check
/** Finds the engines beside Chromium that the tests of test/engines run in, and installs them if that is allowed. */
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { installPackages, isDebian, mayInstall, missingPackages } from './debian.mjs';

const FIREFOXES = [
  '/usr/bin/firefox-esr',
  '/usr/bin/firefox',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
  'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
];

const FIREFOX_PACKAGES = ['firefox-esr'];

/** Paths of the small browser that comes with WebKitGTK, by distribution; its driver starts no other by default. */
const MINI_BROWSERS = [
  '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser',
  '/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser',
  '/usr/libexec/webkit2gtk-4.1/MiniBrowser',
  '/usr/lib/webkit2gtk-4.1/MiniBrowser',
];

/** GStreamer's plugins are its codecs. No path shows whether they are installed. */
const WEBKIT_PACKAGES = [
  'webkit2gtk-driver',
  'xvfb',
  'gstreamer1.0-plugins-good',
  'gstreamer1.0-plugins-bad',
  'gstreamer1.0-libav',
];

/**
 * The programs that WebKitGTK is tested with.
 * @typedef {object} WebKitGtk
 * @property {string} browser MiniBrowser.
 * @property {string} driver WebKitWebDriver.
 * @property {string | null} screen Xvfb, or null if there is a screen already.
 */

/** @param {string} variable @returns {string | undefined} The path in an environment variable. */
function chosenPath(variable) {
  const path = process.env[variable];
  if (path === undefined || path === '') return undefined;
  if (!existsSync(path)) throw new Error(`${variable} names ${path}, which does not exist`);
  return path;
}

/** @param {readonly string[]} paths */
const firstOf = (paths) => paths.find((path) => existsSync(path));

/** @param {string} name */
const inPath = (name) =>
  firstOf((process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name)));

/** Firefox's path: the environment variable VFP_FIREFOX, or the system's. */
export const firefoxPath = () => chosenPath('VFP_FIREFOX') ?? firstOf(FIREFOXES);

/** Playwright's options for the installed Firefox, not its own; undefined without one. */
export function firefoxOptions() {
  const executablePath = firefoxPath();
  if (executablePath === undefined) return undefined;
  return {
    channel: 'moz-firefox',
    executablePath,
    // It does not start in the home of another user, as root has in some CI.
    env: { ...process.env, HOME: userInfo().homedir },
    // `TestUtils.gc()` forces a collection.
    firefoxUserPrefs: { 'dom.testing.testutils.enabled': true },
  };
}

/**
 * WebKitGTK: the environment variables VFP_WEBKITGTK (a MiniBrowser) and VFP_WEBKIT_DRIVER (a WebKitWebDriver), or the
 * system's, if it has the codecs.
 * @returns {WebKitGtk | undefined}
 */
export function webKitGtk() {
  const chosen = chosenPath('VFP_WEBKITGTK');
  if (chosen === undefined && isDebian() && missingPackages(WEBKIT_PACKAGES).length > 0) return undefined;
  const browser = chosen ?? firstOf(MINI_BROWSERS);
  const driver = chosenPath('VFP_WEBKIT_DRIVER') ?? inPath('WebKitWebDriver');
  const screen = (process.env['DISPLAY'] ?? '') === '' ? inPath('Xvfb') : null;
  if (browser === undefined || driver === undefined || screen === undefined) return undefined;
  return { browser, driver, screen };
}

const ENGINES = [
  {
    name: 'Firefox',
    find: firefoxPath,
    packages: FIREFOX_PACKAGES,
    hint: 'which is not installed (VFP_FIREFOX may name one)',
  },
  {
    name: 'WebKitGTK',
    find: webKitGtk,
    packages: WEBKIT_PACKAGES,
    hint: `which needs ${WEBKIT_PACKAGES.join(', ')} or equivalents (VFP_WEBKITGTK and VFP_WEBKIT_DRIVER may name its programs)`,
  },
];

/**
 * Installs missing programs if that is allowed, and names each omitted engine. In CI on Debian none may be omitted:
 * that ends the process.
 *
 * @returns The programs that are tested.
 */
export function requireEngines() {
  /** @type {string[]} */
  const programs = [];
  for (const { name, find, packages, hint } of ENGINES) {
    const missing = find() === undefined && mayInstall() ? missingPackages(packages) : [];
    if (missing.length > 0) installPackages(missing);
    const found = find();
    if (found !== undefined) {
      programs.push(typeof found === 'string' ? found : found.browser);
      continue;
    }
    if ((process.env['CI'] ?? '') !== '' && isDebian()) {
      console.error(`CI tests in all engines, and ${name} is missing, ${hint}.`);
      process.exit(1);
    }
    console.log(`Not tested here: ${name}, ${hint}.`);
  }
  return programs;
}
