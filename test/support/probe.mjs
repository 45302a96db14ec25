// @ts-check
/** Finds the ffmpeg that reads what the writer has written; installs Debian's where there is none. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';

/** What to say where there is none, and none could be installed. */
export const NO_FFMPEG =
  'The tests of written files need ffmpeg and ffprobe, from 5.1 on: install them so that both are in PATH.';

/** Whether both programs start. */
export const hasFfmpeg = () =>
  ['ffmpeg', 'ffprobe'].every(
    (program) => spawnSync(program, ['-version'], { stdio: 'ignore' }).status === 0,
  );

/** Makes sure that there is an ffmpeg, or ends the process with one line that says what to install. */
export function requireFfmpeg() {
  if (hasFfmpeg()) return;
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    console.log('No ffmpeg found. Installing Debian’s (apt-get install ffmpeg) …');
    const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    try {
      execFileSync('apt-get', ['update', '-qq'], /** @type {any} */ (options));
      execFileSync('apt-get', ['install', '-y', '-qq', 'ffmpeg'], /** @type {any} */ (options));
    } catch {
      // Said below.
    }
  }
  if (hasFfmpeg()) return;
  console.error(NO_FFMPEG);
  process.exit(1);
}
