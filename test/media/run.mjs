/** Runs a script of this folder in plain Node: `node test/media/run.mjs make` or `verify`, and part of a file name. */
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const script = fileURLToPath(new URL(`${process.argv[2]}.ts`, import.meta.url));
await runnerImport(script, { configFile: false, logLevel: 'error' });
