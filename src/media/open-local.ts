/** Opens a file in this thread: finds out what it is, and says in words what it is not. */
import { BlobSource, Input, MATROSKA, MP4, MPEG_TS, QTFF, WEBM } from 'mediabunny';
import type { InputVideoTrack, Source } from 'mediabunny';
import { encodingError, notSupported, shown } from '../errors.ts';
import { orAborted } from '../when-aborted.ts';
import { addressSource } from './address.ts';
import { hasAlphaPackets } from './alpha-key.ts';
import { AlphaTrack } from './alpha-track.ts';
import { START_BYTES } from './cut-off.ts';
import { explained, networkError } from './explain.ts';
import { guarded } from './guarded-source.ts';
import { toMicroseconds } from './time.ts';
import { LocalVideo } from './local-video.ts';

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

/** Sides of pictures are unsigned 32-bit numbers in a decoder's configuration. */
const MAX_SIDE = 2 ** 32 - 1;

/** Opens a file. What it throws is said at `openVideo()`. */
export async function openLocal(source: VideoInput, options: OpenLocalOptions): Promise<LocalVideo> {
  const { signal } = options;
  signal?.throwIfAborted();
  const opened = await sourceOf(source, signal);
  signal?.throwIfAborted();
  const input = new Input({ formats: FORMATS, source: guarded(opened.source) });
  const stop = (): void => input.dispose();
  signal?.addEventListener('abort', stop);
  try {
    return await orAborted(readHead(input, opened, options), signal);
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

async function readHead(
  input: Input,
  { source, start }: OpenedSource,
  { decoder, alpha }: OpenLocalOptions,
): Promise<LocalVideo> {
  const track = await input.getPrimaryVideoTrack();
  if (track === null) {
    const tracks = await input.getTracks();
    if (tracks.length === 0) throw encodingError('the file lists no tracks: it is cut off, or damaged');
    const sound = tracks.some((each) => each.type === 'audio');
    throw notSupported(`the file has no video track${sound ? ', only sound' : ''}`);
  }
  const [config, duration, first, rotation, displayWidth, displayHeight, hasAlpha] = await Promise.all([
    configOf(track),
    track.computeDuration(),
    track.getFirstTimestamp(),
    track.getRotation(),
    track.getDisplayWidth(),
    track.getDisplayHeight(),
    track.canBeTransparent(),
  ]);
  const isMerged = hasAlpha && alpha !== 'discard' && hasAlphaPackets(config.codec);
  return new LocalVideo({
    input,
    extent: { size: () => source.getSizeOrNull(), start },
    track,
    config,
    decoder,
    alpha: isMerged ? new AlphaTrack(config.codec) : null,
    facts: {
      duration: toMicroseconds(duration),
      firstTimestamp: toMicroseconds(first),
      rotation,
      displayWidth,
      displayHeight,
      codec: config.codec,
      codedWidth: config.codedWidth,
      codedHeight: config.codedHeight,
      hasAlpha,
    },
  });
}

async function configOf(track: InputVideoTrack): Promise<VideoDecoderConfig> {
  const config = await track.getDecoderConfig();
  if (config !== null) return withRealSize(config);
  const id = await track.getInternalCodecId();
  throw notSupported(`the file's video codec is not known (${id === null ? 'it has no name' : shown(id)})`);
}

/** A decoder takes a size that no picture has for its caller's mistake (`TypeError`). It is the file's. */
function withRealSize(config: VideoDecoderConfig): VideoDecoderConfig {
  const { codedWidth, codedHeight, displayAspectWidth, displayAspectHeight } = config;
  for (const side of [codedWidth, codedHeight, displayAspectWidth, displayAspectHeight]) {
    if (side === undefined || (side >= 1 && side <= MAX_SIDE)) continue;
    throw encodingError(`the file is damaged: its picture has a side of ${side} pixels`);
  }
  return config;
}
