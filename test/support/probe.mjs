// @ts-check
/** Finds the ffmpeg that reads written files, and installs Debian's if it is missing. */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { installPackages, mayInstall } from './debian.mjs';

/** The message if it is missing and cannot be installed. */
export const NO_FFMPEG =
  'The tests of written files need ffmpeg and ffprobe, from 5.1 on: install them so that both are in PATH.';

/** Whether both programs start. */
export const hasFfmpeg = () =>
  ['ffmpeg', 'ffprobe'].every(
    (program) => spawnSync(program, ['-version'], { stdio: 'ignore' }).status === 0,
  );

/** Makes sure that there is an ffmpeg, or ends the process with one line that names the missing package. */
export function requireFfmpeg() {
  if (hasFfmpeg()) return;
  if (mayInstall()) installPackages(['ffmpeg']);
  if (hasFfmpeg()) return;
  console.error(NO_FFMPEG);
  process.exit(1);
}
