/** Calls in a later task, posted as messages. Browsers slow down the timers of hidden tabs, and deliver messages as fast as ever. */
import { Queue } from './queue.ts';

/** The part of a port that only Node has: a port that listens keeps the process alive until `unref()`. */
interface NodePort {
  ref?(): void;
  unref?(): void;
}

const calls = new Queue<() => void>();

/** Both ends, opened by the first call: importing does nothing, and an end that nothing refers to may be collected. */
let channel: MessageChannel | null = null;

/**
 * Calls back in a later task, after all microtasks of this one. Calls run in the order in which they were made, each in a task of
 * its own. A pending call keeps a Node process alive, an idle channel does not.
 */
export function inNextTask(call: () => void): void {
  channel ??= open();
  if (calls.length === 0) (channel.port1 as NodePort).ref?.();
  calls.push(call);
  channel.port2.postMessage(null);
}

function open(): MessageChannel {
  const opened = new MessageChannel();
  opened.port1.onmessage = () => {
    const call = calls.shift();
    if (calls.length === 0) (opened.port1 as NodePort).unref?.();
    call?.();
  };
  return opened;
}
