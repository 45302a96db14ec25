/**
 * Commands of the long run in Node: the sizes of heaps, after a collection. Bundled into the configuration of
 * vitest.
 */
import type { CDPSession } from 'playwright';
import type { BrowserCommand } from 'vitest/node';

/** Bytes of live objects, after a collection: in the page, and in all of its workers. */
export interface Heaps {
  readonly page: number;
  readonly workers: number;
}

/** Messages of a worker arrive in its page's session. */
type Speak = (method: string) => Promise<unknown>;

/** The sessions of the page and of its workers, for the life of the page. */
const pages = new WeakMap<object, ReturnType<typeof attach>>();

async function attach(session: CDPSession) {
  const workers = new Map<string, Speak>();
  const pending = new Map<number, (result: unknown) => void>();
  let last = 0;
  session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
    if (targetInfo.type !== 'worker') return;
    workers.set(sessionId, (method) => {
      const id = ++last;
      void session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) });
      return new Promise((resolve) => pending.set(id, resolve));
    });
  });
  session.on('Target.detachedFromTarget', ({ sessionId }) => workers.delete(sessionId));
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { id, result } = JSON.parse(message) as { id?: number; result?: unknown };
    if (id === undefined) return;
    pending.get(id)?.(result);
    pending.delete(id);
  });
  const options = { autoAttach: true, waitForDebuggerOnStart: false, flatten: false };
  await session.send('Target.setAutoAttach', options);
  return { session, workers };
}

/** Collects garbage, and returns the bytes in use. */
const heaps: BrowserCommand<[]> = async ({ page, context }): Promise<Heaps> => {
  const attached = pages.get(page) ?? context.newCDPSession(page).then(attach);
  pages.set(page, attached);
  const { session, workers } = await attached;
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  let inWorkers = 0;
  for (const speak of workers.values()) {
    await speak('HeapProfiler.collectGarbage');
    inWorkers += ((await speak('Runtime.getHeapUsage')) as { usedSize: number }).usedSize;
  }
  return { page: usedSize, workers: inWorkers };
};

/** The commands, by the names under which tests call them. */
export const heapCommands = { heaps };
