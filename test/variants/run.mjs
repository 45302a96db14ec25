// @ts-check
/**
 * `npm run test:variants`: reads some 270 small files with ffmpeg, with `<video>` in Chromium and with this library, and prints the
 * differences. It fails for a difference that differences.json does not list, and for an entry that matches nothing. `--only TEXT`
 * takes the variants with that text in their names, `--json FILE` writes all readings, `--write` writes the table in
 * guides/files.md. Clips are made once, into node_modules/.cache/variants or the folder that VFP_VARIANTS names.
 */
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

await runnerImport(fileURLToPath(new URL('main.ts', import.meta.url)), {
  configFile: false,
  logLevel: 'error',
});
