/** Iframe of the page that holds the frames from the port that it receives. */
import { receiveFrames } from '../../../src/index.ts';

addEventListener('message', ({ data, ports: [port] }: MessageEvent<unknown>) => {
  if (data !== 'receive' || port === undefined) return;
  const held: unknown[] = [];
  const receive = async (): Promise<void> => {
    for await (const received of receiveFrames(port)) {
      if (received.data === 'release') received.handle.release();
      else held.push(received);
      parent.postMessage(`holds ${held.length}`, '*');
    }
  };
  receive().catch((error: unknown) => parent.postMessage(`failed: ${String(error)}`, '*'));
});
parent.postMessage('ready', '*');
