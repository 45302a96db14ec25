/** Shared worker, a context without frames. It reports the outcome of `receiveFrames()`. */
import { receiveFrames } from '../../../src/index.ts';

addEventListener('connect', (event) => {
  const [port] = (event as MessageEvent).ports;
  if (port === undefined) return;
  try {
    receiveFrames(port);
    port.postMessage('received');
  } catch (error) {
    port.postMessage((error as Error).name);
  }
});
