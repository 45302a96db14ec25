// @ts-check
/** Loader of this folder's TypeScript for scripts that run in plain Node. */
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

/**
 * The exports of a module.
 * @param {string} path From this folder.
 * @returns {Promise<any>}
 */
export async function load(path) {
  const file = fileURLToPath(new URL(path, import.meta.url));
  return (await runnerImport(file, { configFile: false, logLevel: 'error' })).module;
}
