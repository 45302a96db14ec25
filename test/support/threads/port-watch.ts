/** Detects when the listeners of a port have handled a message, and whether they threw. */
import { onTestFinished } from 'vitest';

type Listener = (this: unknown, event: Event) => void;

/** Wraps the listeners that are added until the end of the test, except `onmessage`. */
export function watchPorts() {
  const { addEventListener, removeEventListener } = MessagePort.prototype;
  const wrapped = new WeakMap<object, Listener>();
  const thrown: unknown[] = [];
  let handled = 0;
  let asked = 0;
  let wake = (): void => {};
  const wrap = (listener: Listener): Listener =>
    function watched(event) {
      try {
        listener.call(this, event);
      } catch (error) {
        thrown.push(error);
      }
      handled++;
      wake();
    };
  const replaced = {
    addEventListener(this: MessagePort, type: string, listener: unknown, options?: AddEventListenerOptions) {
      let given = listener as Listener;
      if (type === 'message' && typeof listener === 'function') {
        given = wrapped.get(listener) ?? wrap(listener as Listener);
        wrapped.set(listener, given);
      }
      addEventListener.call(this, type, given, options);
    },
    removeEventListener(this: MessagePort, type: string, listener: unknown) {
      removeEventListener.call(this, type, wrapped.get(listener as object) ?? (listener as Listener));
    },
  };
  Object.assign(MessagePort.prototype, replaced);
  onTestFinished(() => {
    Object.assign(MessagePort.prototype, { addEventListener, removeEventListener });
  });
  return {
    thrown: thrown as readonly unknown[],
    /** Resolves when this many further messages were handled since the last call. */
    async handled(count: number): Promise<void> {
      asked += count;
      while (handled < asked) await new Promise<void>((resolve) => (wake = resolve));
      asked = handled;
    },
  };
}

export type PortWatch = ReturnType<typeof watchPorts>;
