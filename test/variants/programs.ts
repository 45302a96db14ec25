/** Runs of ffmpeg and ffprobe side by side, two at a time. */
import { spawn } from 'node:child_process';

/** Runs that go on at the same time. */
const MAX_RUNS = 2;

/** A run that takes longer hangs, in ms. */
const LIMIT_MS = 60_000;

export interface ProgramOutput {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

let running = 0;
const waiting: (() => void)[] = [];

/** Words of a command line, none of which holds a space. */
export const words = (line: string): string[] => line.split(' ').filter((word) => word !== '');

/** Runs a program and resolves with its output and exit code. */
export async function runProgram(
  program: 'ffmpeg' | 'ffprobe',
  args: readonly string[],
  input?: Buffer,
): Promise<ProgramOutput> {
  while (running >= MAX_RUNS) await new Promise<void>((resolve) => waiting.push(resolve));
  running++;
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn(program, args, { timeout: LIMIT_MS, stdio: ['pipe', 'pipe', 'pipe'] });
      const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
      child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
      child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
      child.on('error', reject);
      child.on('close', (code) =>
        resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }),
      );
      // A program that ends early closes its input.
      child.stdin.on('error', () => {});
      child.stdin.end(input);
    });
  } finally {
    running--;
    waiting.shift()?.();
  }
}
