/** Validation of the messages between the two sides of a reader. Each treats the other's as untrusted: an invalid message is null,
 * and refused. */
import { isVideoFrame } from '../../pool/frames.ts';
import { isMadeOf, isText, isWhole, isObject } from '../../thread/validation.ts';
import type { VideoFacts } from '../reader.ts';
import type { ErrorRecord } from './error-record.ts';
import { MAX_CAUSES, MAX_MESSAGE } from './error-record.ts';
import type { FromWorker, JobRequest, ToWorker } from './messages.ts';
import { MAX_PERMITS } from './messages.ts';
import type { PortableInit } from '../address.ts';
import type { DecoderPreferences } from '../container/registered-decoders.ts';
import type { PortableSource } from '../portable-source.ts';

/** Maximum side in pixels; VP9 and AV1 allow 2^16. */
const MAX_SIDE = 2 ** 16;

const TURNS: readonly unknown[] = [0, 90, 180, 270];
const ERROR_TYPES: readonly unknown[] = [
  'DOMException',
  'TypeError',
  'RangeError',
  'PoolStarvedError',
  'Error',
];

const isNumber = (value: unknown): value is number => typeof value === 'number' && !Number.isNaN(value);
const isSide = (value: unknown): value is number => isNumber(value) && value > 0 && value <= MAX_SIDE;

/** Validates a message from the window. */
export function parseToWorker(body: unknown): ToWorker | null {
  if (isMadeOf(body, 'kind', 'source', 'track', 'decoderConfig', 'alpha') && body.kind === 'open') {
    const { track, decoderConfig, alpha } = body;
    const source = parseSource(body.source);
    if (source === null || !isPreferences(decoderConfig)) return null;
    if (alpha !== 'keep' && alpha !== 'discard') return null;
    return track === null || isWhole(track) ? { kind: 'open', source, track, decoderConfig, alpha } : null;
  }
  if (isMadeOf(body, 'kind', 'job') && isWhole(body.job)) {
    const { kind, job } = body;
    return kind === 'dry' || kind === 'stop' ? { kind, job } : null;
  }
  if (isMadeOf(body, 'kind', 'job', 'request') && body.kind === 'start' && isWhole(body.job)) {
    const request = parseRequest(body.request);
    return request === null ? null : { kind: 'start', job: body.job, request };
  }
  if (!isMadeOf(body, 'kind', 'job', 'permits', 'wanted') || body.kind !== 'more') return null;
  const { job, permits, wanted } = body;
  if (!isWhole(job) || !isWhole(permits, MAX_PERMITS) || !isWhole(wanted)) return null;
  return { kind: 'more', job, permits, wanted };
}

function parseRequest(request: unknown): JobRequest | null {
  if (isMadeOf(request, 'kind', 'from', 'to') && request.kind === 'packets') {
    const { from, to } = request;
    return isNumber(from) && isNumber(to) ? { kind: 'packets', from, to } : null;
  }
  if (isMadeOf(request, 'kind', 'timestamp', 'starvationMs') && request.kind === 'at') {
    const { timestamp, starvationMs } = request;
    return isNumber(timestamp) && isNumber(starvationMs) ? { kind: 'at', timestamp, starvationMs } : null;
  }
  if (!isMadeOf(request, 'kind', 'from', 'to', 'starvationMs') || request.kind !== 'frames') return null;
  const { from, to, starvationMs } = request;
  if (!isNumber(from) || !isNumber(to) || !isNumber(starvationMs)) return null;
  return { kind: 'frames', from, to, starvationMs };
}

/** Validates a message from the worker. */
export function parseFromWorker(body: unknown): FromWorker | null {
  if (isMadeOf(body, 'kind', 'job', 'spends', 'frame') && body.kind === 'frame') {
    const { job, spends, frame } = body;
    if (!isWhole(job) || typeof spends !== 'boolean' || !isVideoFrame(frame)) return null;
    return { kind: 'frame', job, spends, frame };
  }
  if (isMadeOf(body, 'kind', 'job', 'chunk') && body.kind === 'chunk') {
    const { job, chunk } = body;
    return isWhole(job) && chunk instanceof EncodedVideoChunk ? { kind: 'chunk', job, chunk } : null;
  }
  if (isMadeOf(body, 'kind', 'job', 'error') && body.kind === 'end' && isWhole(body.job)) {
    if (body.error === null) return { kind: 'end', job: body.job, error: null };
    const error = parseError(body.error);
    return error === null ? null : { kind: 'end', job: body.job, error };
  }
  if (isMadeOf(body, 'kind', 'error') && body.kind === 'failed') {
    const error = parseError(body.error);
    return error === null ? null : { kind: 'failed', error };
  }
  if (!isMadeOf(body, 'kind', 'facts') || body.kind !== 'head' || !isFacts(body.facts)) return null;
  return { kind: 'head', facts: body.facts };
}

/** Validates an error, with no more causes than a sender serializes. */
function parseError(error: unknown, causes = MAX_CAUSES): ErrorRecord | null {
  if (!isMadeOf(error, 'type', 'name', 'message', 'cause')) return null;
  const { type, name, message, cause } = error;
  if (!ERROR_TYPES.includes(type) || !isText(name) || !isText(message, MAX_MESSAGE)) return null;
  const read = cause === null || causes === 0 ? null : parseError(cause, causes - 1);
  if (cause !== null && read === null) return null;
  return { type: type as ErrorRecord['type'], name, message, cause: read };
}

function isFacts(facts: unknown): facts is VideoFacts {
  if (
    !isMadeOf(
      facts,
      'duration',
      'firstTimestamp',
      'rotation',
      'flip',
      'displayWidth',
      'displayHeight',
      'codec',
      'frameRate',
      'canDecode',
      'decoderConfig',
      'codedWidth',
      'codedHeight',
      'hasAlpha',
    )
  )
    return false;
  const { duration, firstTimestamp, rotation, flip, displayWidth, displayHeight, codec } = facts;
  const { frameRate, canDecode, decoderConfig, hasAlpha } = facts;
  const isRate = frameRate === null || (isNumber(frameRate) && frameRate > 0);
  const isTimed = isNumber(duration) && isNumber(firstTimestamp) && isRate;
  const isDecoding =
    typeof canDecode === 'boolean' && typeof hasAlpha === 'boolean' && isDecoderConfig(decoderConfig);
  const isOriented = TURNS.includes(rotation) && typeof flip === 'boolean';
  const isShown = isSide(displayWidth) && isSide(displayHeight) && isOriented;
  const coded = [facts.codedWidth, facts.codedHeight];
  return (
    isTimed &&
    isShown &&
    isDecoding &&
    isText(codec) &&
    coded.every((side) => side === undefined || isSide(side))
  );
}

/** Maximum size of a codec description in bytes: far more than any has. */
const MAX_DESCRIPTION = 2 ** 20;

/** Maximum number of request headers: far more than a server accepts. */
const MAX_HEADERS = 1024;

const ACCELERATIONS: readonly unknown[] = ['no-preference', 'prefer-hardware', 'prefer-software'];

/** Fields of a request's init that are strings. */
const INIT_TEXTS = ['credentials', 'cache', 'mode', 'redirect', 'referrer', 'referrerPolicy', 'priority'];

const isString = (value: unknown): value is string => typeof value === 'string';

/** Whether all fields of an object are among these. */
const hasOnly = (value: object, fields: readonly string[]): boolean =>
  Object.keys(value).every((field) => fields.includes(field));

/** A valid source, or null. */
export function parseSource(source: unknown): PortableSource | null {
  if (source instanceof Blob) return source;
  if (!isMadeOf(source, 'url', 'init') || !isString(source.url)) return null;
  return isInit(source.init) ? { url: source.url, init: source.init } : null;
}

function isInit(init: unknown): init is PortableInit {
  if (!isObject(init) || !hasOnly(init, [...INIT_TEXTS, 'headers'])) return false;
  const { headers = [], ...texts } = init;
  if (!Object.values(texts).every(isString)) return false;
  if (!Array.isArray(headers) || headers.length > MAX_HEADERS) return false;
  const isPair = (pair: unknown): boolean => Array.isArray(pair) && pair.length === 2 && pair.every(isString);
  return Array.from<unknown>(headers).every(isPair);
}

/** Whether a value is a valid object of decoder preferences. */
export function isPreferences(value: unknown): value is DecoderPreferences {
  if (!isObject(value) || !hasOnly(value, ['hardwareAcceleration', 'optimizeForLatency'])) return false;
  const { hardwareAcceleration, optimizeForLatency } = value;
  const isAcceleration = hardwareAcceleration === undefined || ACCELERATIONS.includes(hardwareAcceleration);
  return isAcceleration && (optimizeForLatency === undefined || typeof optimizeForLatency === 'boolean');
}

const SIDES = ['codedWidth', 'codedHeight', 'displayAspectWidth', 'displayAspectHeight'] as const;
const COLOURS = ['primaries', 'transfer', 'matrix'] as const;
const PREFERENCES = ['hardwareAcceleration', 'optimizeForLatency'] as const;

/** Whether a value can be the configuration of a decoder. */
export function isDecoderConfig(config: unknown): config is VideoDecoderConfig {
  if (!isObject(config)) return false;
  if (!hasOnly(config, ['codec', 'description', 'colorSpace', ...SIDES, ...PREFERENCES])) return false;
  const { codec, description, colorSpace, hardwareAcceleration, optimizeForLatency } = config;
  const sides = SIDES.map((side) => config[side]);
  return (
    isText(codec) &&
    (description === undefined || isBytes(description)) &&
    (colorSpace === undefined || isColourSpace(colorSpace)) &&
    sides.every((side) => side === undefined || isWhole(side, 2 ** 32 - 1)) &&
    isPreferences({ hardwareAcceleration, optimizeForLatency })
  );
}

function isColourSpace(value: unknown): boolean {
  if (!isObject(value) || !hasOnly(value, [...COLOURS, 'fullRange'])) return false;
  const { fullRange } = value;
  const texts = COLOURS.map((field) => value[field]);
  const isRange = fullRange === undefined || fullRange === null || typeof fullRange === 'boolean';
  return isRange && texts.every((text) => text === undefined || text === null || isText(text));
}

const isBytes = (value: unknown): boolean =>
  (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) && value.byteLength <= MAX_DESCRIPTION;
