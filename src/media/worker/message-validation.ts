/**
 * Validation of the messages between the two sides of a reader. Each treats the other's as untrusted: an invalid message is null,
 * and refused. A message has exactly the fields of its kind.
 */
import { isVideoFrame } from '../../pool/frames.ts';
import { isMadeOf, isObject, isText, isWhole } from '../../thread/validation.ts';
import type { PortableInit } from '../address.ts';
import type { DecoderPreferences } from '../container/registered-decoders.ts';
import type { VideoFacts } from '../reader.ts';
import type { ErrorRecord } from './error-record.ts';
import { MAX_CAUSES, MAX_MESSAGE } from './error-record.ts';
import type { FromWorker, JobRequest, ToWorker } from './messages.ts';
import { MAX_PERMITS } from './messages.ts';

/** Maximum side in pixels; VP9 and AV1 allow 2^16. */
const MAX_SIDE = 2 ** 16;

/** Maximum size of a codec description in bytes: far more than any has. */
const MAX_DESCRIPTION = 2 ** 20;

/** Maximum number of request headers: far more than a server accepts. */
const MAX_HEADERS = 1024;

type Check = (value: unknown) => boolean;

/** The check of each field of an object. */
type Checks<T> = { readonly [K in keyof T]-?: Check };

/** The checks of each kind of message, without its kind. */
type MessageChecks<M extends { readonly kind: string }> = {
  readonly [K in M['kind']]: Checks<Omit<Extract<M, { kind: K }>, 'kind'>>;
};

/** Whether an object has exactly these fields, all valid. */
const hasFields = (value: unknown, checks: Readonly<Record<string, Check>>): boolean =>
  isMadeOf(value, ...Object.keys(checks)) &&
  Object.entries(checks).every(([name, isValid]) => isValid(value[name]));

/** Whether an object has only fields among these, all valid. */
const hasOnly = (value: unknown, checks: Readonly<Record<string, Check>>): boolean =>
  isObject(value) &&
  Object.entries(value).every(([name, field]) => {
    const isValid = Object.hasOwn(checks, name) ? checks[name] : undefined;
    return isValid !== undefined && (field === undefined || isValid(field));
  });

/** The message, or null if it is of none of these kinds, or has an invalid field. */
function parse<M>(body: unknown, kinds: Readonly<Record<string, Readonly<Record<string, Check>>>>): M | null {
  if (!isObject(body)) return null;
  const { kind, ...fields } = body;
  const checks = typeof kind === 'string' && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  // The boundary: the checks are those of this kind of `M`.
  return checks !== undefined && hasFields(fields, checks) ? ({ kind, ...fields } as M) : null;
}

const isNumber: Check = (value) => typeof value === 'number' && !Number.isNaN(value);
const isBoolean: Check = (value) => typeof value === 'boolean';
const isString: Check = (value) => typeof value === 'string';
const isCount: Check = (value) => isWhole(value);
const isName: Check = (value) => isText(value);
const isSide: Check = (value) => isNumber(value) && Number(value) > 0 && Number(value) <= MAX_SIDE;
const isConfigSide: Check = (value) => isWhole(value, 2 ** 32 - 1);
const isBytes: Check = (value) =>
  (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) && value.byteLength <= MAX_DESCRIPTION;
const isHeader: Check = (pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isString);
const isHeaders: Check = (value) =>
  Array.isArray(value) && value.length <= MAX_HEADERS && Array.from<unknown>(value).every(isHeader);

const oneOf =
  (...known: readonly unknown[]): Check =>
  (value) =>
    known.includes(value);

const orNull =
  (isValid: Check): Check =>
  (value) =>
    value === null || isValid(value);

const PREFERENCES: Checks<DecoderPreferences> = {
  hardwareAcceleration: oneOf('no-preference', 'prefer-hardware', 'prefer-software'),
  optimizeForLatency: isBoolean,
};

const COLOURS: Checks<VideoColorSpaceInit> = {
  primaries: orNull(isName),
  transfer: orNull(isName),
  matrix: orNull(isName),
  fullRange: orNull(isBoolean),
};

const CONFIG: Checks<VideoDecoderConfig> = {
  ...PREFERENCES,
  codec: isName,
  description: isBytes,
  colorSpace: (value) => hasOnly(value, COLOURS),
  codedWidth: isConfigSide,
  codedHeight: isConfigSide,
  displayAspectWidth: isConfigSide,
  displayAspectHeight: isConfigSide,
};

const INIT: Checks<PortableInit> = {
  headers: isHeaders,
  credentials: isString,
  cache: isString,
  mode: isString,
  redirect: isString,
  referrer: isString,
  referrerPolicy: isString,
  priority: isString,
};

const FACTS: Checks<VideoFacts> = {
  duration: isNumber,
  firstTimestamp: isNumber,
  rotation: oneOf(0, 90, 180, 270),
  flip: isBoolean,
  displayWidth: isSide,
  displayHeight: isSide,
  codec: isName,
  frameRate: orNull((value) => isNumber(value) && Number(value) > 0),
  canDecode: isBoolean,
  decoderConfig: (value) => hasOnly(value, CONFIG) && isObject(value) && isText(value['codec']),
  codedWidth: (value) => value === undefined || isSide(value),
  codedHeight: (value) => value === undefined || isSide(value),
  hasAlpha: isBoolean,
};

const REQUESTS: MessageChecks<JobRequest> = {
  frames: { from: isNumber, to: isNumber, starvationMs: isNumber },
  at: { timestamp: isNumber, starvationMs: isNumber },
  packets: { from: isNumber, to: isNumber },
};

const TO_WORKER: MessageChecks<ToWorker> = {
  open: {
    source: isSource,
    track: orNull(isCount),
    decoderConfig: (value) => hasOnly(value, PREFERENCES),
    alpha: oneOf('keep', 'discard'),
  },
  start: { job: isCount, request: (value) => parse(value, REQUESTS) !== null },
  more: { job: isCount, permits: (value) => isWhole(value, MAX_PERMITS), wanted: isCount },
  dry: { job: isCount },
  stop: { job: isCount },
};

const FROM_WORKER: MessageChecks<FromWorker> = {
  head: { facts: (value) => hasFields(value, FACTS) },
  failed: { error: (value) => isError(value) },
  frame: { job: isCount, spends: isBoolean, frame: isVideoFrame },
  chunk: { job: isCount, chunk: (value) => value instanceof EncodedVideoChunk },
  end: { job: isCount, error: orNull((value) => isError(value)) },
};

/** Validates a message from the window. */
export const parseToWorker = (body: unknown): ToWorker | null => parse(body, TO_WORKER);

/** Validates a message from the worker. */
export const parseFromWorker = (body: unknown): FromWorker | null => parse(body, FROM_WORKER);

function isSource(source: unknown): boolean {
  if (source instanceof Blob) return true;
  return hasFields(source, { url: isString, init: (value) => hasOnly(value, INIT) });
}

/** Whether a value is an error, with no more causes than a sender serializes. */
function isError(error: unknown, causes = MAX_CAUSES): boolean {
  const checks: Checks<ErrorRecord> = {
    type: oneOf('DOMException', 'TypeError', 'RangeError', 'PoolStarvedError', 'Error'),
    name: isName,
    message: (value) => isText(value, MAX_MESSAGE),
    cause: (value) => value === null || (causes > 0 && isError(value, causes - 1)),
  };
  return hasFields(error, checks);
}
