/** Worker that replies whether it can read the value that it received. */
import { readsTrack } from './probe-tracks.ts';

/** A question to the worker: whether the sent value is readable there. */
export type Question =
  | { readonly frame: VideoFrame }
  | { readonly stream: ReadableStream<number> }
  | { readonly track: MediaStreamTrack };

async function answer(question: Question): Promise<boolean> {
  if ('track' in question) return readsTrack(question.track);
  if ('stream' in question) return (await question.stream.getReader().read()).value === 7;
  const { frame } = question;
  const context = new OffscreenCanvas(1, 1).getContext('2d');
  context?.drawImage(frame, 0, 0, 1, 1);
  frame.close();
  return Math.abs((context?.getImageData(0, 0, 1, 1).data[0] ?? 0) - 200) < 4;
}

addEventListener('message', ({ data }: MessageEvent<Question>) => {
  void answer(data).then((holds) => postMessage(holds));
});
