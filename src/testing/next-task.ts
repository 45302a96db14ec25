/** A task of its own: by a message, because tests replace timers and browsers slow them down in hidden tabs. */

/** Resolves in a later task, after all microtasks of this one. */
export function nextTask(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      // Named here so that it lives until its message has come.
      port2.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
