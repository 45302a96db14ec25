/** Opens a file in this thread: finds out what it is, and says in words what it is not. */
import { BlobSource, Input, MATROSKA, MP4, MPEG_TS, QTFF, UrlSource, WEBM } from 'mediabunny';
import type { InputVideoTrack, Source } from 'mediabunny';
import { aborted, encodingError, notSupported, shown } from '../errors.ts';
import { START_BYTES } from './cut-off.ts';
import { explained, networkError } from './explain.ts';
import { toMicroseconds } from './time.ts';
import { LocalVideo } from './local-video.ts';

/** How a file is opened in this thread. */
export interface OpenLocalOptions {
  readonly signal?: AbortSignal | undefined;
  readonly decoder?: typeof VideoDecoder | undefined;
}

/** What a file may come as. */
export type VideoInput = Blob | URL | string | Response;

/** What this library reads video from. Given one by one: a list of all formats would bundle those without video. */
const FORMATS = [MP4, QTFF, WEBM, MATROSKA, MPEG_TS];

/** Attempts at an address that does not answer. mediabunny alone never gives up. */
const MAX_ATTEMPTS = 3;

/** Opens a file. What it throws is said at `openVideo()`. */
export async function openLocal(source: VideoInput, options: OpenLocalOptions): Promise<LocalVideo> {
  const { signal } = options;
  signal?.throwIfAborted();
  const opened = await sourceOf(source, signal);
  signal?.throwIfAborted();
  const input = new Input({ formats: FORMATS, source: opened.source });
  const stop = (): void => input.dispose();
  signal?.addEventListener('abort', stop);
  try {
    return await readHead(input, opened, options);
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
    return { source: new BlobSource(source), start };
  }
  if (source instanceof URL || typeof source === 'string') {
    const getRetryDelay = (attempts: number): number | null => (attempts < MAX_ATTEMPTS ? attempts : null);
    return { source: new UrlSource(source, { getRetryDelay }), start: () => startAt(source) };
  }
  if (source instanceof Response) return sourceOf(await bodyOf(source, signal), signal);
  throw noSource(source);
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
  const ended = endOf(signal);
  try {
    // WebKitGTK 2.50 does not end a pipe by its signal while the source is silent.
    const [blob] = await Promise.race([
      Promise.all([new Response(whole.readable).blob(), piped]),
      ended.promise,
    ]);
    return blob;
  } catch (error) {
    signal?.throwIfAborted();
    throw explained(error, 'the response breaks off');
  } finally {
    ended.forget();
  }
}

/** A promise that rejects when the signal fires, until it is forgotten. */
function endOf(signal: AbortSignal | undefined): { promise: Promise<never>; forget(): void } {
  let onAbort = (): void => {};
  const promise = new Promise<never>((_, reject) => {
    onAbort = () => reject(aborted('the signal fired'));
  });
  signal?.addEventListener('abort', onAbort);
  return { promise, forget: () => signal?.removeEventListener('abort', onAbort) };
}

/** The first bytes at an address; the rest of the answer is not read, also where the server does not know ranges. */
async function startAt(url: URL | string): Promise<Uint8Array> {
  const { body } = await fetch(url, { headers: { Range: `bytes=0-${START_BYTES - 1}` } });
  const reader = body?.getReader();
  const { value } = (await reader?.read()) ?? { value: undefined };
  await reader?.cancel();
  return value ?? new Uint8Array();
}

async function readHead(
  input: Input,
  { source, start }: OpenedSource,
  { decoder }: OpenLocalOptions,
): Promise<LocalVideo> {
  const track = await input.getPrimaryVideoTrack();
  if (track === null) {
    const tracks = await input.getTracks();
    if (tracks.length === 0) throw encodingError('the file lists no tracks: it is cut off, or damaged');
    const sound = tracks.some((each) => each.type === 'audio');
    throw notSupported(`the file has no video track${sound ? ', only sound' : ''}`);
  }
  const [config, duration, first, rotation, displayWidth, displayHeight] = await Promise.all([
    configOf(track),
    track.computeDuration(),
    track.getFirstTimestamp(),
    track.getRotation(),
    track.getDisplayWidth(),
    track.getDisplayHeight(),
  ]);
  return new LocalVideo({
    input,
    extent: { size: () => source.getSizeOrNull(), start },
    track,
    config,
    decoder,
    facts: {
      duration: toMicroseconds(duration),
      firstTimestamp: toMicroseconds(first),
      rotation,
      displayWidth,
      displayHeight,
      codec: config.codec,
      codedWidth: config.codedWidth,
      codedHeight: config.codedHeight,
    },
  });
}

async function configOf(track: InputVideoTrack): Promise<VideoDecoderConfig> {
  const config = await track.getDecoderConfig();
  if (config !== null) return config;
  const id = await track.getInternalCodecId();
  throw notSupported(`the file's video codec is not known (${id === null ? 'it has no name' : shown(id)})`);
}
