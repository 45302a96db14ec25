/** Opens a file in this thread: finds out what it is, and says in words what it is not. */
import { BlobSource, Input, MATROSKA, MP4, MPEG_TS, QTFF, WEBM } from 'mediabunny';
import type { Source } from 'mediabunny';
import { shown } from '../errors.ts';
import { orAborted } from '../when-aborted.ts';
import { addressSource } from './address.ts';
import { guardSource } from './container/source-guard.ts';
import { START_BYTES } from './container/truncation.ts';
import { explained, networkError } from './explain.ts';
import type { LocalVideo } from './local-video.ts';
import type { OpenedInput } from './open-track.ts';
import { openTrack, videoTrackOf } from './open-track.ts';

/** How a file is opened in this thread. */
export interface OpenLocalOptions {
  readonly signal?: AbortSignal | undefined;
  readonly decoder?: typeof VideoDecoder | undefined;
  readonly alpha?: AlphaOption | undefined;
}

/** @throws `TypeError` for a value that is neither. */
export function requireAlpha(alpha: unknown): AlphaOption {
  if (alpha === 'keep' || alpha === 'discard') return alpha;
  throw new TypeError(`alpha must be 'keep' or 'discard', got ${shown(alpha)}`);
}

/** What a file may come as. */
export type VideoInput = Blob | URL | string | Response;

/** What this library reads video from. Given one by one: a list of all formats would bundle those without video. */
const FORMATS = [MP4, QTFF, WEBM, MATROSKA, MPEG_TS];

/** Opens a file. What it throws is said at `openVideo()`. */
export async function openLocal(source: VideoInput, options: OpenLocalOptions): Promise<LocalVideo> {
  const { signal } = options;
  signal?.throwIfAborted();
  const opened = await sourceOf(source, signal);
  signal?.throwIfAborted();
  const findings = guardSource(opened.source);
  const input = new Input({ formats: FORMATS, source: opened.source });
  const extent = { size: () => opened.source.getSizeOrNull(), start: opened.start };
  const stop = (): void => input.dispose();
  signal?.addEventListener('abort', stop);
  try {
    return await orAborted(readHead({ input, extent, findings }, options), signal);
  } catch (error) {
    input.dispose();
    signal?.throwIfAborted();
    throw explained(error, 'the file is damaged');
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** Where the bytes come from: for mediabunny, and for a look at the file's outside. */
interface OpenedSource {
  readonly source: Source;
  start(): Promise<Uint8Array>;
}

async function sourceOf(source: VideoInput, signal: AbortSignal | undefined): Promise<OpenedSource> {
  if (source instanceof Blob) {
    const start = async (): Promise<Uint8Array> =>
      new Uint8Array(await source.slice(0, START_BYTES).arrayBuffer());
    return { source: new BlobSource(source), start: once(start) };
  }
  if (source instanceof URL || typeof source === 'string') {
    return { source: addressSource(source), start: once(() => startAt(source)) };
  }
  if (source instanceof Response) return sourceOf(await bodyOf(source, signal), signal);
  throw noSource(source);
}

/** Asks until it is answered once. An answer that fails, or never comes, is nobody's but who asked. */
function once<T extends object>(ask: () => Promise<T>): () => Promise<T> {
  let answer: T | null = null;
  return async () => (answer ??= await ask());
}

/** What is said of what is no source. */
export const noSource = (source: unknown): TypeError =>
  new TypeError(`source must be a Blob, a URL, a string or a Response, got ${shown(source)}`);

/** The whole body; reading it ends with the signal. */
export async function bodyOf(response: Response, signal: AbortSignal | undefined): Promise<Blob> {
  if (response.bodyUsed) throw new TypeError('source is a Response whose body was read already');
  if (!response.ok) throw networkError(`${response.url} answered ${response.status} ${response.statusText}`);
  if (response.body === null) return new Blob();
  const whole = new TransformStream<Uint8Array, Uint8Array>();
  const piped = response.body.pipeTo(whole.writable, signal === undefined ? {} : { signal });
  try {
    // WebKitGTK 2.50 does not end a pipe by its signal while the source is silent.
    const [blob] = await orAborted(Promise.all([new Response(whole.readable).blob(), piped]), signal);
    return blob;
  } catch (error) {
    signal?.throwIfAborted();
    throw explained(error, 'the response breaks off');
  }
}

/** The first bytes at an address; the rest of the answer is not read, also where the server does not know ranges. */
async function startAt(url: URL | string): Promise<Uint8Array> {
  const { body } = await fetch(url, { headers: { Range: `bytes=0-${START_BYTES - 1}` } });
  const reader = body?.getReader();
  const { value } = (await reader?.read()) ?? { value: undefined };
  await reader?.cancel();
  return value ?? new Uint8Array();
}

async function readHead(opened: OpenedInput, options: OpenLocalOptions): Promise<LocalVideo> {
  return openTrack(opened, await videoTrackOf(opened.input), options);
}
