/** A screen in memory, for browsers that know no other headless mode. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** A running Xvfb. */
export interface Screen {
  /** For the environment variable DISPLAY. */
  readonly display: string;
  readonly process: ChildProcess;
}

/** Starts Xvfb on the first number that is free. Rejects where it does not start. */
export async function openScreen(program: string): Promise<Screen> {
  const options = ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'];
  const xvfb = spawn(program, options, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  // The fourth of `stdio` is a pipe that is read.
  const numbers = xvfb.stdio[3] as Readable;
  numbers.setEncoding('utf8');
  const number = await new Promise<string>((resolve, reject) => {
    let text = '';
    xvfb.once('error', reject);
    xvfb.once('exit', (code) => reject(new Error(`${program} ended with ${code} before it had a screen`)));
    numbers.on('data', (piece: string) => {
      text += piece;
      if (text.includes('\n')) resolve(text.trim());
    });
  });
  return { display: `:${number}`, process: xvfb };
}
