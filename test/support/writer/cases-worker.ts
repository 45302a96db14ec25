/** Runs cases in a worker, by name, and says what was left open. */
import { frameAccount } from '../frame-account.ts';
import { MEDIA_CASES } from './cases-media.ts';
import { SINK_CASES } from './cases-sink.ts';

const account = frameAccount();
const cases = { ...MEDIA_CASES, ...SINK_CASES };

addEventListener('message', ({ data: name }: MessageEvent<string>) => {
  const answer = async (): Promise<{
    error: string | null;
    open: string[];
    opened: number;
    closed: number;
  }> => {
    account.reset();
    const error = await (cases[name] ?? missing)().then(
      () => null,
      (reason: unknown) => String(reason instanceof Error ? (reason.stack ?? reason) : reason),
    );
    return { error, open: account.stillOpen(), opened: account.opened, closed: account.closed };
  };
  void answer().then((said) => postMessage(said));
});

const missing = (): Promise<void> => Promise.reject(new Error('there is no such case'));

postMessage('ready');
