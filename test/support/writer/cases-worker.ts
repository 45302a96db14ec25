/** Worker that runs cases by name, and posts their error and the frames that were left open. */
import { frameAccount } from '../frame-account.ts';
import { MEDIA_CASES } from './cases-media.ts';
import { SINK_CASES } from './cases-sink.ts';

const account = frameAccount();
const cases = new Map(Object.entries({ ...MEDIA_CASES, ...SINK_CASES }));

/** Runs a case. Returns its error, and the frames that it left open. */
async function run(name: string) {
  account.reset();
  let error: string | null = null;
  try {
    const run = cases.get(name);
    if (run === undefined) throw new Error(`unknown case "${name}"`);
    await run();
  } catch (reason) {
    error = String(reason instanceof Error ? (reason.stack ?? reason) : reason);
  }
  return { error, open: account.stillOpen(), opened: account.opened, closed: account.closed };
}

export type Answer = Awaited<ReturnType<typeof run>>;

addEventListener('message', ({ data: name }: MessageEvent<string>) => {
  void run(name).then((answer) => postMessage(answer));
});

postMessage('ready');
