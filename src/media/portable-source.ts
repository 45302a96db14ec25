/** Sources of files in a form that can be posted to a worker: a `Blob`, or an address with the init of its requests. */
import { shown } from '../base/errors.ts';
import { raceAbort } from '../base/abort.ts';
import type { AddressRequest, PortableInit, VideoRequestInit } from './address.ts';
import { statusError } from './address.ts';
import { mapError } from './file-errors.ts';

/** A source that can be posted to a worker. */
export type PortableSource = Blob | AddressRequest;

/** Any source of bytes. */
export type ByteSource = Blob | URL | string | Request | Response | ReadableStream<Uint8Array | ArrayBuffer>;

/** Fields of `RequestInit` that are not supported here, and the reasons. */
const REFUSED_FIELDS: Readonly<Record<string, string>> = {
  signal: 'give it as the option `signal` of openVideo()',
  method: 'a file is read by GET',
  body: 'a file is read by GET, which has no body',
  integrity: 'it cannot be checked on parts of a file; pass the Response of your own fetch() instead',
};

/**
 * Converts a source to a portable one. A response and a stream are read whole.
 *
 * @throws `TypeError` for an unsupported source, a response or stream that was read, an invalid address or an invalid init.
 * @throws `NetworkError` for an error response, or one that breaks off.
 */
export async function portableSource(
  source: ByteSource,
  requestInit: VideoRequestInit | undefined,
  signal: AbortSignal | undefined,
): Promise<PortableSource> {
  const isAddress = typeof source === 'string' || source instanceof URL;
  if (requestInit !== undefined && !isAddress) {
    throw new TypeError(
      'requestInit requires a source that is a URL or a string: the reader does not request other sources',
    );
  }
  if (isAddress) {
    const url = resolved(source);
    return { url, init: portableInit(url, requestInit) };
  }
  if (source instanceof Blob) return source;
  if (typeof Request === 'function' && source instanceof Request) return requestOf(source);
  if (typeof Response === 'function' && source instanceof Response) return bodyOf(source, signal);
  if (typeof ReadableStream === 'function' && source instanceof ReadableStream) {
    if (source.locked) throw new TypeError('source is a ReadableStream that is locked to another reader');
    return wholeOf(source, 'the stream', signal);
  }
  throw new TypeError(
    `source must be a Blob, a URL, a string, a Request, a Response, a ReadableStream, or an Input or InputVideoTrack of mediabunny, got ${shown(source)}`,
  );
}

/** The absolute address, resolved in the page, because a worker may have another base address. */
function resolved(source: URL | string): string {
  const url = source instanceof URL ? source : parsed(source);
  if (url.username !== '' || url.password !== '') {
    throw new TypeError(
      'source is a URL with a user name or password, which fetch() refuses: use requestInit.headers',
    );
  }
  return url.href;
}

function parsed(source: string): URL {
  // A worker, which may open readers in workers of its own, has no document; Node has neither.
  const { document, location } = globalThis as { document?: Document; location?: Location };
  const base = document?.baseURI ?? location?.href;
  try {
    return new URL(source, base);
  } catch (cause) {
    const why =
      base === undefined && URL.canParse(source, 'http://localhost')
        ? 'is a relative URL, and there is no page that it could be relative to'
        : 'is not a valid URL';
    throw new TypeError(`source ${why}: ${shown(source)}`, { cause });
  }
}

function portableInit(url: string, init: VideoRequestInit | undefined): PortableInit {
  if (init === undefined) return {};
  if (typeof init !== 'object' || init === null) {
    throw new TypeError(`requestInit must be an object, got ${shown(init)}`);
  }
  for (const [field, why] of Object.entries(REFUSED_FIELDS)) {
    if ((init as Record<string, unknown>)[field] !== undefined) {
      throw new TypeError(`requestInit.${field} is not supported: ${why}`);
    }
  }
  // Throws the errors of fetch() for invalid values, and resolves the referrer.
  const request = initOf(new Request(url, init), 'requestInit');
  return init.priority === undefined ? request : { ...request, priority: init.priority };
}

function requestOf(request: Request): AddressRequest {
  const { url, method, integrity } = request;
  if (method !== 'GET') throw new TypeError(`source is a Request with the method ${method}: it must be GET`);
  if (integrity !== '')
    throw new TypeError(`source is a Request with integrity: ${REFUSED_FIELDS['integrity']}`);
  return { url: resolved(new URL(url)), init: initOf(request, 'source') };
}

function initOf(request: Request, name: string): PortableInit {
  const { credentials, cache, mode, redirect, referrer, referrerPolicy, headers } = request;
  if (mode === 'no-cors')
    throw new TypeError(`${name}.mode "no-cors" is not supported: it hides the bytes of the response`);
  if (headers.has('Range')) throw new TypeError(`${name}.headers must not have Range: the reader sets it`);
  return { credentials, cache, mode, redirect, referrer, referrerPolicy, headers: [...headers] };
}

/** The whole body of a response. */
function bodyOf(response: Response, signal: AbortSignal | undefined): Promise<Blob> | Blob {
  if (response.bodyUsed) throw new TypeError('source is a Response whose body was already read');
  if (response.body?.locked === true) throw new TypeError('source is a Response whose body is locked');
  if (!response.ok) throw statusError(response, response.url);
  if (response.body === null) return new Blob();
  return wholeOf(response.body, 'the response', signal);
}

/** All bytes of a stream. The signal ends the reading and cancels the stream. */
async function wholeOf(
  stream: ReadableStream<Uint8Array | ArrayBuffer>,
  subject: string,
  signal: AbortSignal | undefined,
): Promise<Blob> {
  // Read by hand, because WebKitGTK 2.50 does not abort a pipe by its signal while the source is silent.
  const reader = stream.getReader();
  let wrongChunk: TypeError | null = null;
  const bytes = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) {
        controller.close();
        return;
      }
      if (!(value instanceof Uint8Array || value instanceof ArrayBuffer)) {
        wrongChunk = new TypeError(
          `source is a ReadableStream with a chunk that is not a Uint8Array or ArrayBuffer: ${shown(value)}`,
        );
        throw wrongChunk;
      }
      controller.enqueue(value instanceof ArrayBuffer ? new Uint8Array(value) : value);
    },
  });
  try {
    // The browser may keep a large Blob on disk.
    return await raceAbort(new Response(bytes).blob(), signal);
  } catch (error) {
    reader.cancel(error).catch(() => {});
    signal?.throwIfAborted();
    throw wrongChunk ?? mapError(error, `${subject} breaks off`);
  }
}
