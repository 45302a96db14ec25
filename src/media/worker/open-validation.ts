/** Validation of the messages that open a file: source, decoder preferences and decoder configuration. */
import { isMadeOf, isObject, isText, isWhole } from '../../thread/validation.ts';
import type { PortableInit } from '../address.ts';
import type { DecoderPreferences } from '../container/registered-decoders.ts';
import type { PortableSource } from '../portable-source.ts';

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
