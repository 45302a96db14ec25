/** Worker that reads a frame and replies, or takes a lock and holds it for ever, depending on its order. */

/** The orders of the page. */
export type Order =
  | { readonly kind: 'read'; readonly frame: VideoFrame; readonly into: Int32Array<SharedArrayBuffer> }
  | { readonly kind: 'lock'; readonly name: string };

addEventListener('message', ({ data }: MessageEvent<Order>) => {
  if (data.kind === 'read') {
    Atomics.store(data.into, 0, data.frame.codedWidth);
    const { timestamp } = data.frame;
    data.frame.close();
    postMessage(timestamp);
    return;
  }
  void navigator.locks.request(data.name, () => {
    postMessage('locked');
    return new Promise(() => {});
  });
});
