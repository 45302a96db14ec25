/**
 * Handshake over a worker or port that also carries other messages: it ends when both threads have a channel of their
 * own.
 */
import { notSupported, shown } from '../base/errors.ts';
import { isText } from './validation.ts';

/** Version of the protocol, increased with each change of the messages. Both sides must have the same version. */
export const PROTOCOL = 1;

/** Purpose of a channel: frames of a pool, or a reader that decodes in another thread. */
export type Purpose = 'frames' | 'reader';

/**
 * `hello`: the initiator looks for a responder. `ready`: the responder accepts, in reply to a hello (with its link) or
 * unprompted. `connect`: carries the port of the channel. `refuse`: the responder does not accept, and the reason.
 */
export type Handshake =
  | { readonly kind: 'hello'; readonly purpose: Purpose; readonly link: string }
  | { readonly kind: 'ready'; readonly purpose: Purpose; readonly link: string | null }
  | { readonly kind: 'connect'; readonly purpose: Purpose; readonly link: string; readonly hasLock: boolean }
  | { readonly kind: 'refuse'; readonly purpose: Purpose; readonly link: string; readonly why: string };

/**
 * One end of a message connection: a `Worker`, the scope of one (`self`), or a `MessagePort`. The type is structural,
 * because TypeScript cannot know the scopes of a worker and of a page at once.
 */
export interface MessageEndpoint {
  /** Sends a message. */
  postMessage(message: unknown, options: { transfer: Transferable[] }): void;
  /** Adds a listener. */
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  /** Removes a listener. */
  removeEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

const TAG = 'video-frame-pool';

/** Sends a handshake message through an endpoint. */
export function sendHandshake(
  end: MessageEndpoint,
  handshake: Handshake,
  transfer: Transferable[] = [],
): void {
  end.postMessage({ [TAG]: PROTOCOL, ...handshake }, { transfer });
}

/**
 * A parsed message: a handshake message, one of another library (`unrelated`), or one of another version or without
 * meaning (`invalid`).
 */
export type Incoming =
  { kind: 'unrelated' } | { kind: 'invalid'; link: string | null; isReply: boolean } | Handshake;

/** Parses an untrusted message. */
export function readHandshake(data: unknown, purpose: Purpose): Incoming {
  if (typeof data !== 'object' || data === null || !(TAG in data)) return { kind: 'unrelated' };
  const incoming = data as Record<string, unknown>;
  const { kind, why } = incoming;
  const link = isText(incoming['link']) ? incoming['link'] : null;
  const invalid = { kind: 'invalid', link, isReply: kind === 'ready' || kind === 'refuse' } as const;
  if (incoming[TAG] !== PROTOCOL) return invalid;
  if (incoming['purpose'] !== purpose) return { kind: 'unrelated' };
  const base = { purpose, link: link ?? '' };
  if (kind === 'ready') return { kind, purpose, link };
  if (link !== null && kind === 'hello') return { kind, ...base };
  if (link !== null && kind === 'connect') return { kind, ...base, hasLock: incoming['hasLock'] === true };
  if (link !== null && kind === 'refuse' && isText(why)) return { kind, ...base, why };
  return invalid;
}

/**
 * Listens for handshake messages at an endpoint. Other listeners may exist there: each receives all messages and
 * ignores those of others.
 *
 * @returns A function that stops listening.
 */
export function listenForHandshakes(
  end: MessageEndpoint,
  purpose: Purpose,
  onHandshake: (incoming: Exclude<Incoming, { kind: 'unrelated' }>, ports: readonly MessagePort[]) => void,
): () => void {
  const onMessage = (event: MessageEvent): void => {
    const incoming = readHandshake(event.data, purpose);
    if (incoming.kind !== 'unrelated') onHandshake(incoming, event.ports);
  };
  end.addEventListener('message', onMessage);
  // A port, which may belong to another window, so `instanceof` does not recognize it.
  if ('start' in end && typeof end.start === 'function') end.start();
  return () => end.removeEventListener('message', onMessage);
}

/**
 * Rejects endpoints through which no frame can be sent.
 *
 * @throws `TypeError`, or `NotSupportedError` for a worker in which frames do not exist.
 */
export function requireEnd(name: string, end: unknown): asserts end is MessageEndpoint {
  const kind = Object.prototype.toString.call(end);
  if (kind === '[object SharedWorker]' || kind === '[object ServiceWorker]') {
    throw notSupported(`${name} is a ${kind.slice(8, -1)}, in which frames do not exist`);
  }
  const { postMessage, addEventListener } = (end ?? {}) as Partial<MessageEndpoint>;
  if (typeof postMessage === 'function' && typeof addEventListener === 'function' && whyNot(end) === null)
    return;
  const why = whyNot(end) ?? shown(end);
  throw new TypeError(`${name} must be a Worker, a MessagePort or a worker's own scope, got ${why}`);
}

/** Reason for refusing an object that can send messages and is no endpoint; null for everything else. */
function whyNot(end: unknown): string | null {
  if (typeof end !== 'object' || end === null) return null;
  if ('document' in end) return 'a window: send it a MessagePort, and pass the other port here';
  const isBroadcast =
    Object.prototype.toString.call(end) === '[object BroadcastChannel]' ||
    (typeof BroadcastChannel === 'function' && end instanceof BroadcastChannel);
  return isBroadcast ? 'a BroadcastChannel: it has many readers, and nothing can be moved through it' : null;
}

/**
 * Listens for the first error of a worker. A port has no such event, and an earlier error is not repeated.
 *
 * @param onFailed - Called with an `OperationError` if the script threw, or a `NetworkError` if it could not be loaded.
 * @returns A function that stops listening.
 */
export function watchStart(
  to: MessageEndpoint,
  link: string,
  onFailed: (error: DOMException) => void,
): () => void {
  if (!isWorker(to)) return () => {};
  const onError = (event: Event): void => onFailed(failureOf(link, event));
  to.addEventListener('error', onError, { once: true });
  return () => to.removeEventListener('error', onError);
}

/** Whether the endpoint is a worker, of this window or of another one. */
export const isWorker = (end: object): end is Worker =>
  Object.prototype.toString.call(end) === '[object Worker]';

function failureOf(link: string, event: Event): DOMException {
  // Only a script that threw has a message.
  const { message, filename, lineno } = event as Partial<ErrorEvent>;
  if (message === undefined || message === '') {
    return new DOMException(
      `link "${link}": the worker could not be loaded: its address is wrong, its script cannot be parsed, or a Content-Security-Policy (worker-src) forbids it`,
      'NetworkError',
    );
  }
  const place = filename === undefined || filename === '' ? '' : ` (${filename}:${lineno})`;
  return new DOMException(
    `link "${link}": the worker failed before it called receiveFrames(): ${message}${place}`,
    'OperationError',
  );
}
