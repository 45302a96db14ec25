/** Byte source for an address: decides which responses are accepted, and which failures are retried. */
import { UrlSource } from 'mediabunny';
import { notSupported } from '../base/errors.ts';
import { networkError } from './file-errors.ts';

/** Init of all requests of a file: the fields of `fetch()`, except those that the reader sets itself. */
export type VideoRequestInit = Pick<
  RequestInit,
  'headers' | 'credentials' | 'cache' | 'mode' | 'redirect' | 'referrer' | 'referrerPolicy' | 'priority'
>;

/** `VideoRequestInit` in a form that can be posted. */
export type PortableInit = Omit<VideoRequestInit, 'headers'> & {
  readonly headers?: readonly [name: string, value: string][];
};

/** An address, and the init of its requests. */
export interface AddressRequest {
  readonly url: string;
  readonly init: PortableInit;
}

/** Maximum of attempts at an address that does not respond, and at a range without bytes. */
const MAX_ATTEMPTS = 3;

/** Reason phrases, which HTTP/2 and later do not transmit. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  410: 'Gone',
  416: 'Range Not Satisfiable',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/**
 * Source of the bytes at an address, requested by ranges. From a server without ranges the file is read from its beginning.
 *
 * @throws `NetworkError` when read: for an error response, for other bytes than those requested, and if the response breaks off
 * at the same byte repeatedly. A response that breaks off once is continued.
 * @throws `NotSupportedError` when read, for a file without bytes.
 */
export function addressSource({ url, init }: AddressRequest): UrlSource {
  const responses = new ServerResponses(url);
  const source = new UrlSource(url, {
    requestInit: fetchInit(init),
    fetchFn: (_, each) => responses.request(each),
    getRetryDelay: (attempts, error) =>
      responses.isFinal(error) || attempts >= MAX_ATTEMPTS ? null : attempts,
    // Ignored for a part that was read ahead: it is requested again when it is needed, and fails then.
    handleUnhandledError: () => {},
  });
  source.on('read', () => responses.noteBytes());
  return source;
}

/**
 * The first bytes at an address; none for an error response. The rest of the response is not read, even if the server does not
 * support ranges.
 */
export async function startAt({ url, init }: AddressRequest, bytes: number): Promise<Uint8Array> {
  const headers = new Headers(fetchInit(init).headers);
  headers.set('Range', `bytes=0-${bytes - 1}`);
  const { ok, body } = await fetch(url, { ...fetchInit(init), headers });
  const reader = body?.getReader();
  const { value } = (await reader?.read()) ?? { value: undefined };
  await reader?.cancel();
  return (ok && value?.subarray(0, bytes)) || new Uint8Array();
}

/** The error for an unsuccessful response: `404 Not Found: https://example.com/video.mp4`. */
export function statusError({ status, statusText }: Response, url: string): DOMException {
  const reason = statusText === '' ? REASONS[status] : statusText;
  return networkError(`${status}${reason === undefined ? '' : ` ${reason}`}: ${url}`);
}

const fetchInit = ({ headers, ...init }: PortableInit): RequestInit =>
  headers === undefined ? init : { ...init, headers: headers.map(([name, value]) => [name, value]) };

/** State of the responses of a server. */
class ServerResponses {
  readonly #url: string;
  /** Number of requests for each range since bytes were last received. */
  readonly #requested = new Map<string, number>();
  /** Errors that a further request would not change. */
  readonly #final = new WeakSet<object>();
  #hasResponded = false;
  #supportsRanges = false;

  constructor(url: string) {
    this.#url = url;
  }

  isFinal(error: unknown): boolean {
    return typeof error === 'object' && error !== null && this.#final.has(error);
  }

  /** Called when bytes were received. */
  noteBytes(): void {
    this.#requested.clear();
  }

  /** Sends a request of mediabunny. */
  async request(init: RequestInit | undefined): Promise<Response> {
    const range = new Headers(init?.headers).get('Range') ?? '';
    const times = this.#requested.get(range) ?? 0;
    // The count of its next request begins at zero.
    this.#requested.delete(range);
    if (times >= MAX_ATTEMPTS) {
      throw this.#markFinal(
        this.#unreadable(`received no bytes from byte ${startOf(range)} on in ${times} requests`),
      );
    }
    const response = await this.#fetch(init);
    this.#hasResponded = true;
    const error = this.#errorOf(response, startOf(range));
    if (error !== null) {
      response.body?.cancel().catch(() => {});
      throw this.#markFinal(error);
    }
    this.#requested.set(range, times + 1);
    return response;
  }

  async #fetch(init: RequestInit | undefined): Promise<Response> {
    try {
      return await fetch(this.#url, init);
    } catch (error) {
      if (init?.signal?.aborted === true) throw error;
      const words = error instanceof Error ? error.message : String(error);
      const isForeign = isOtherOrigin(this.#url);
      const why = isForeign
        ? ' (the address is wrong, the server cannot be reached, or it does not allow other origins to read: CORS)'
        : '';
      const failure = networkError(`no response from ${this.#url}${why}: ${words}`, error);
      // A server that has responded before allows it. Without a response, the browser does not report whether CORS is the reason.
      if (isForeign && !this.#hasResponded) this.#final.add(failure);
      throw failure;
    }
  }

  #errorOf(response: Response, start: number): DOMException | null {
    const { status, ok, body } = response;
    // An empty file has no range to request.
    if ((status === 416 && start === 0) || (ok && body === null)) {
      return notSupported(`the file is empty: ${this.#url}`);
    }
    if (!ok) return statusError(response, this.#url);
    const problem = this.#problemOf(response, start);
    return problem === null ? null : this.#unreadable(problem);
  }

  #problemOf({ status, headers }: Response, start: number): string | null {
    if (status !== 206) return this.#supportsRanges ? 'the server no longer responds with ranges' : null;
    this.#supportsRanges = true;
    // Servers of other origins may hide this header.
    const range = headers.get('Content-Range');
    return range === null || startOf(range) === start
      ? null
      : `the server responds with other bytes: ${range}`;
  }

  #unreadable(problem: string): DOMException {
    return networkError(`the file cannot be read: ${problem} (${this.#url})`);
  }

  #markFinal(error: DOMException): DOMException {
    this.#final.add(error);
    return error;
  }
}

/** The first byte of `bytes=12-` or `bytes 12-99/100`. */
const startOf = (range: string): number => Number(/\d+/u.exec(range)?.[0] ?? 0);

/** Whether a request may fail because of CORS. Outside of browsers it cannot. */
function isOtherOrigin(url: string): boolean {
  const { origin: own } = globalThis as { origin?: string };
  const { protocol, origin } = new URL(url);
  return own !== undefined && /^https?:$/u.test(protocol) && origin !== own;
}
