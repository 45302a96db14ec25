/** Opened source: a mediabunny `Input`, and further facts about the file. */
import type { Source } from 'mediabunny';
import {
  BlobSource,
  Input,
  InputVideoTrack,
  MATROSKA,
  MP4,
  MPEG_TS,
  QTFF,
  UnsupportedInputFormatError,
  WEBM,
} from 'mediabunny';
import { invalidState, notSupported } from '../base/errors.ts';
import { addressSource, startAt } from './address.ts';
import type { SourceFindings } from './container/source-guard.ts';
import { guardSource, NO_FINDINGS } from './container/source-guard.ts';
import type { FileExtent } from './container/truncation.ts';
import { START_BYTES } from './container/truncation.ts';
import { mapError, kindOf, wrongKind } from './file-errors.ts';
import type { PortableSource } from './portable-source.ts';

/** Formats of files that this library opens itself. Listed one by one: a list of all formats would bundle those without video. */
const FORMATS = [MP4, QTFF, WEBM, MATROSKA, MPEG_TS];

/** Inputs of mediabunny, which the caller still owns. */
export type BorrowedInput = Input | InputVideoTrack;

/** An open file. */
export interface OpenedSource {
  readonly input: Input;
  /** The track to read, or null if it must be selected. */
  readonly track: InputVideoTrack | null;
  readonly extent: FileExtent;
  readonly findings: SourceFindings;
  /** Opens the file again, for the samples in fragments alone. Null if that is not possible. */
  readonly openFragments: (() => Input) | null;
  /** Closes the input, unless the caller owns it. Idempotent. */
  close(): void;
  /** The error of a failed opening, with a text about the file. */
  mapError(error: unknown): Promise<unknown>;
}

/**
 * Whether a source is an input of mediabunny.
 *
 * @throws `TypeError` for one of another copy of mediabunny, whose classes are different.
 */
export function isBorrowed(source: unknown): source is BorrowedInput {
  if (source instanceof Input || source instanceof InputVideoTrack) return true;
  const { getPrimaryVideoTrack, getDecoderConfig } = (source ?? {}) as Partial<Record<string, unknown>>;
  if (typeof getPrimaryVideoTrack !== 'function' && typeof getDecoderConfig !== 'function') return false;
  throw new TypeError(
    'source is an Input or a track of another copy of mediabunny: the app and video-frame-pool/media must import the same one',
  );
}

/** @throws `NotSupportedError` for an empty file, `InvalidStateError` for an input that was disposed. */
export function openSource(source: PortableSource | BorrowedInput): OpenedSource {
  if (source instanceof Input || source instanceof InputVideoTrack) return borrowed(source);
  return source instanceof Blob ? openBlob(source) : openAddress(source);
}

function openBlob(blob: Blob): OpenedSource {
  if (blob.size === 0) throw notSupported('the file is empty');
  const start = once(async () => new Uint8Array(await blob.slice(0, START_BYTES).arrayBuffer()));
  return owned(() => new BlobSource(blob), { size: () => Promise.resolve(blob.size), start }, 'the file', '');
}

function openAddress(request: Exclude<PortableSource, Blob>): OpenedSource {
  const source = addressSource(request);
  const start = once(() => startAt(request, START_BYTES));
  return owned(
    (isFirst) => (isFirst ? source : addressSource(request)),
    { size: () => source.getSizeOrNull(), start },
    'the response',
    `: ${request.url}`,
  );
}

function owned(
  sourceOf: (isFirst: boolean) => Source,
  extent: FileExtent,
  subject: string,
  suffix: string,
): OpenedSource {
  const source = sourceOf(true);
  const findings = guardSource(source);
  const input = new Input({ formats: FORMATS, source });
  let fragments: Input | null = null;
  const openFragments = (): Input => {
    const again = sourceOf(false);
    guardSource(again, { isWithoutTables: true });
    return (fragments = new Input({ formats: FORMATS, source: again }));
  };
  const close = (): void => {
    input.dispose();
    fragments?.dispose();
  };
  const mapContentError = async (error: unknown): Promise<unknown> => {
    const known = mapError(error, 'the file is damaged');
    if (!isAboutContent(error)) return known;
    // If the start cannot be read again, the existing error is returned.
    const kind = kindOf(await extent.start().catch(() => new Uint8Array()));
    return kind === null ? known : notSupported(`${wrongKind(subject, kind)}${suffix}`, error);
  };
  return { input, track: null, extent, findings, openFragments, close, mapError: mapContentError };
}

function borrowed(source: BorrowedInput): OpenedSource {
  const input = source instanceof Input ? source : source.input;
  if (input.disposed) throw invalidState('source is an Input that was disposed, or a track of one');
  return {
    input,
    track: source instanceof Input ? null : source,
    // The input has its own source, which may consist of many files.
    extent: { size: () => Promise.resolve(null), start: () => Promise.resolve(new Uint8Array()) },
    findings: NO_FINDINGS,
    openFragments: null,
    close: () => {},
    mapError: (error) => {
      const isOther = error instanceof UnsupportedInputFormatError;
      const words = 'the source has none of the formats of the Input, or its beginning is damaged';
      return Promise.resolve(isOther ? notSupported(words, error) : mapError(error, 'the source is damaged'));
    },
  };
}

/** Whether the cause of an error may be a file of another kind. */
const isAboutContent = (error: unknown): boolean =>
  error instanceof UnsupportedInputFormatError ||
  (error instanceof DOMException && (error.name === 'EncodingError' || error.name === 'NotSupportedError'));

/** Caches the first result of a call. A call that fails, or never settles, affects its own caller only. */
function once<T extends object>(ask: () => Promise<T>): () => Promise<T> {
  let answer: T | null = null;
  return async () => (answer ??= await ask());
}
