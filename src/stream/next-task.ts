/** A task of its own, soon: timers are slowed down in hidden tabs, messages are not. */

/** Calls back in a later task, when all microtasks of this one have run. */
export function inNextTask(call: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    call();
  };
  port2.postMessage(null);
}
