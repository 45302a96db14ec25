/** A worker that has frames for a moment: bare ones are sent back, handles are released. */
import { receiveFrames } from '../../../src/index.ts';

addEventListener('message', ({ data, ports: [port] }: MessageEvent<unknown>) => {
  if (data instanceof VideoFrame) postMessage(data, { transfer: [data] });
  if (data !== 'port' || port === undefined) return;
  port.onmessage = ({ data: frame }: MessageEvent<VideoFrame>) => port.postMessage(frame, [frame]);
});

async function release(): Promise<void> {
  for await (const { handle, data } of receiveFrames(self)) {
    if (data === 'read' && handle.frame.codedWidth === 0) throw new Error('the frame is closed');
    handle.release();
  }
}

void release();
