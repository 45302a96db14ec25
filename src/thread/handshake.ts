/** What two threads say to each other over a worker or port that others use too, until they have a channel of their own. */
import { notSupported, shown } from '../errors.ts';
import { isText } from './validation.ts';

/** Counts up with each change of what is said. Both sides must speak the same. */
export const PROTOCOL = 1;

/** What a channel is for: frames of a pool, or a reader that decodes elsewhere. */
export type Purpose = 'frames' | 'reader';

/**
 * `knock`: who wants to reach somebody. `here`: who wants to be reached, in answer to a knock (with its link) or by itself.
 * `connect`: the port of the channel goes along. `refuse`: not here, and why.
 */
export type Handshake =
  | { readonly kind: 'hello'; readonly purpose: Purpose; readonly link: string }
  | { readonly kind: 'ready'; readonly purpose: Purpose; readonly link: string | null }
  | { readonly kind: 'connect'; readonly purpose: Purpose; readonly link: string; readonly locks: boolean }
  | { readonly kind: 'refuse'; readonly purpose: Purpose; readonly link: string; readonly why: string };

/**
 * One end of what messages go through: a `Worker`, the scope of one (`self`), or a `MessagePort`. Structural, for TypeScript
 * knows the scope of a worker only where it does not know the page.
 */
export interface MessageEnd {
  /** Sends a message. */
  postMessage(message: unknown, options: { transfer: Transferable[] }): void;
  /** Listens. */
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  /** Stops listening. */
  removeEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

const TAG = 'video-frame-pool';

/** Says something at an end. */
export function sendHandshake(end: MessageEnd, greeting: Handshake, transfer: Transferable[] = []): void {
  end.postMessage({ [TAG]: PROTOCOL, ...greeting }, { transfer });
}

/** What was heard at an end: nothing of ours, something of another version or without a meaning, or a greeting. */
export type Incoming =
  { kind: 'unrelated' } | { kind: 'invalid'; link: string | null; isAnswer: boolean } | Handshake;

/** Reads a message, from whomever it may be. */
export function readHandshake(data: unknown, purpose: Purpose): Incoming {
  if (typeof data !== 'object' || data === null || !(TAG in data)) return { kind: 'unrelated' };
  const said = data as Record<string, unknown>;
  const { kind, why } = said;
  const link = isText(said['link']) ? said['link'] : null;
  const invalid = { kind: 'invalid', link, isAnswer: kind === 'ready' || kind === 'refuse' } as const;
  if (said[TAG] !== PROTOCOL) return invalid;
  if (said['purpose'] !== purpose) return { kind: 'unrelated' };
  const base = { purpose, link: link ?? '' };
  if (kind === 'ready') return { kind, purpose, link };
  if (link !== null && kind === 'hello') return { kind, ...base };
  if (link !== null && kind === 'connect') return { kind, ...base, locks: said['locks'] === true };
  if (link !== null && kind === 'refuse' && isText(why)) return { kind, ...base, why };
  return invalid;
}

/**
 * Listens at an end. Others may listen there too: each hears all, and leaves alone what is not for it.
 *
 * @returns What stops it.
 */
export function listenForHandshakes(
  end: MessageEnd,
  purpose: Purpose,
  onHandshake: (said: Exclude<Incoming, { kind: 'unrelated' }>, ports: readonly MessagePort[]) => void,
): () => void {
  const onMessage = (event: MessageEvent): void => {
    const said = readHandshake(event.data, purpose);
    if (said.kind !== 'unrelated') onHandshake(said, event.ports);
  };
  end.addEventListener('message', onMessage);
  // A port, also one of another window, of which `instanceof` knows nothing.
  if ('start' in end && typeof end.start === 'function') end.start();
  return () => end.removeEventListener('message', onMessage);
}

/**
 * Refuses what no frame can be sent through.
 *
 * @throws `TypeError`, or `NotSupportedError` for a worker in which frames do not exist.
 */
export function requireEnd(name: string, end: unknown): asserts end is MessageEnd {
  const kind = Object.prototype.toString.call(end);
  if (kind === '[object SharedWorker]' || kind === '[object ServiceWorker]') {
    throw notSupported(`${name} is a ${kind.slice(8, -1)}, and frames do not exist in there`);
  }
  const { postMessage, addEventListener } = (end ?? {}) as Partial<MessageEnd>;
  if (typeof postMessage === 'function' && typeof addEventListener === 'function' && !isWindow(end)) return;
  const why = isWindow(end) ? 'a window: send it a MessagePort, and give the other one here' : shown(end);
  throw new TypeError(`${name} must be a Worker, a MessagePort or a worker's own scope, got ${why}`);
}

const isWindow = (end: unknown): boolean => typeof end === 'object' && end !== null && 'document' in end;
