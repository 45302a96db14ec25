/** Reads an address for mediabunny, which by itself believes every answer and asks for ever. */
import { UrlSource } from 'mediabunny';
import { networkError } from './explain.ts';

/** Attempts at an address that does not answer, and at bytes that do not come. */
const MAX_ATTEMPTS = 3;

/**
 * Bytes at an address, asked for by ranges; where the server knows none, the file is read from its beginning.
 *
 * @throws `NetworkError` when read: for a refusal, for other bytes than those asked for, and where the answer breaks off at
 *   the same byte again and again. What broke off once goes on where it was.
 */
export function addressSource(url: URL | string): UrlSource {
  const answers = new Answers(url);
  const source = new UrlSource(url, {
    fetchFn: (_, init) => answers.ask(init),
    getRetryDelay: (attempts, error) =>
      answers.isFinal(error) || attempts >= MAX_ATTEMPTS ? null : attempts,
    // A part that was read ahead is asked for again when it is needed, and then somebody hears of it.
    handleUnhandledError: () => {},
  });
  source.on('read', () => answers.heard());
  return source;
}

/** What a server has answered so far. */
class Answers {
  readonly #url: URL | string;
  /** How often each range was asked for since bytes came last. */
  readonly #asked = new Map<string, number>();
  /** Errors after which asking again is of no use. */
  readonly #final = new WeakSet<object>();
  #knowsRanges = false;

  constructor(url: URL | string) {
    this.#url = url;
  }

  isFinal(error: unknown): boolean {
    return typeof error === 'object' && error !== null && this.#final.has(error);
  }

  /** Bytes came. */
  heard(): void {
    this.#asked.clear();
  }

  /** Asks for what mediabunny wants. */
  async ask(init: RequestInit | undefined): Promise<Response> {
    const range = new Headers(init?.headers).get('Range') ?? '';
    const times = this.#asked.get(range) ?? 0;
    // Whoever asks next begins anew.
    this.#asked.delete(range);
    if (times >= MAX_ATTEMPTS) {
      throw this.#fail(`nothing came from byte ${startOf(range)} on, asked for ${times} times`);
    }
    const response = await fetch(this.#url, init);
    if (!response.ok) return response;
    const problem = this.#problemOf(response, startOf(range));
    if (problem !== null) {
      response.body?.cancel().catch(() => {});
      throw this.#fail(problem);
    }
    this.#asked.set(range, times + 1);
    return response;
  }

  #problemOf({ status, headers }: Response, start: number): string | null {
    if (status !== 206) return this.#knowsRanges ? 'it answers with something else than before' : null;
    this.#knowsRanges = true;
    // Servers of other origins may hide it.
    const range = headers.get('Content-Range');
    return range === null || startOf(range) === start ? null : `it answers with other bytes: ${range}`;
  }

  #fail(problem: string): DOMException {
    const error = networkError(`the file cannot be read: ${problem} (${String(this.#url)})`);
    this.#final.add(error);
    return error;
  }
}

/** The first byte of `bytes=12-` or `bytes 12-99/100`. */
const startOf = (range: string): number => Number(/\d+/u.exec(range)?.[0] ?? 0);
