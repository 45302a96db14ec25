/** Errors about a file: mediabunny's errors under the platform's names, and the kind of a file that is not a video. */
import { InputDisposedError, UnsupportedInputFormatError } from 'mediabunny';
import { aborted, encodingError, notSupported } from '../base/errors.ts';

/** The containers that `openVideo()` reads. */
export const CONTAINERS = 'MP4, MOV, WebM, MKV or MPEG-TS';

/** The error for an address that cannot be read. */
export function networkError(message: string, cause?: unknown): DOMException {
  const error = new DOMException(message, 'NetworkError');
  // DOMException's constructor has no `cause` option, so `cause` is set as an own property, as on Error.
  if (cause !== undefined)
    Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true });
  return error;
}

/**
 * Returns errors of the platform unchanged, and maps all others to an error about the file. A `TypeError` comes from mediabunny
 * itself, about the file's contents.
 *
 * @param otherwise - Description of the failure, if mediabunny's error has no known cause.
 */
export function mapError(error: unknown, otherwise: string): unknown {
  if (error instanceof DOMException) return error;
  if (error instanceof InputDisposedError) return aborted('the reader was closed');
  if (error instanceof UnsupportedInputFormatError) {
    return notSupported(`the file is not ${CONTAINERS}, or its beginning is damaged`, error);
  }
  const message = error instanceof Error ? error.message : String(error);
  if (/encrypted/i.test(message)) return notSupported('the file is encrypted', error);
  // WebKit reports only "Load failed".
  if (/fetch|network|retriev|load failed/i.test(message))
    return networkError(`the file cannot be read: ${message}`);
  return encodingError(`${otherwise}: ${message}`, error);
}

/** First bytes that identify a kind. The offset counts from the file's first byte. */
interface Signature {
  readonly kind: string;
  readonly bytes: string;
  readonly offset?: number;
}

/** Bytes are written as Latin-1 text. */
const SIGNATURES: readonly Signature[] = [
  { kind: 'a JPEG image', bytes: '\xff\xd8\xff' },
  { kind: 'a PNG image', bytes: '\x89PNG\r\n\x1a\n' },
  { kind: 'a GIF image', bytes: 'GIF8' },
  { kind: 'a WebP image', bytes: 'WEBP', offset: 8 },
  { kind: 'an AVIF image', bytes: 'ftypavif', offset: 4 },
  { kind: 'an AVIF image', bytes: 'ftypavis', offset: 4 },
  { kind: 'a HEIF image', bytes: 'ftypheic', offset: 4 },
  { kind: 'a HEIF image', bytes: 'ftypheix', offset: 4 },
  { kind: 'a HEIF image', bytes: 'ftypmif1', offset: 4 },
  { kind: 'a WAVE file, sound only', bytes: 'WAVE', offset: 8 },
  { kind: 'an MP3 file, sound only', bytes: 'ID3' },
  { kind: 'an MP3 file, sound only', bytes: '\xff\xfb' },
  { kind: 'an AAC file, sound only', bytes: '\xff\xf1' },
  { kind: 'a FLAC file, sound only', bytes: 'fLaC' },
  { kind: 'an Ogg file', bytes: 'OggS' },
  { kind: 'an AVI file', bytes: 'AVI ', offset: 8 },
  { kind: 'an FLV file', bytes: 'FLV\x01' },
  { kind: 'a WMV or ASF file', bytes: '\x30\x26\xb2\x75' },
  { kind: 'an MPEG program stream', bytes: '\0\0\x01\xba' },
  { kind: 'a PDF file', bytes: '%PDF' },
  { kind: 'a ZIP archive', bytes: 'PK\x03\x04' },
  { kind: 'a gzip archive', bytes: '\x1f\x8b' },
];

/** Beginnings of texts, once white space is removed. The last one matches any text. */
const TEXTS: readonly (readonly [begins: RegExp, kind: string])[] = [
  [/^#EXTM3U/u, 'an HLS playlist'],
  [/^<(?:!doctype html|html|head|body|script|title)\b/iu, 'an HTML page'],
  [/^(?:<\?xml[^]*)?<svg\b/iu, 'an SVG image'],
  [/^(?:<\?xml[^]*)?<MPD\b/u, 'a DASH manifest'],
  [/^<\?xml\b/u, 'an XML document'],
  [/^WEBVTT\b/u, 'a WebVTT file'],
  [/^version https:\/\/git-lfs/u, 'a Git LFS pointer'],
  [/^(?:\{\s*["}]|\[\s*[[{"\d\]])/u, 'a JSON document'],
  [/^/u, 'a text'],
];

/** How to open a playlist: its segments are further files, which mediabunny's `Input` requests. */
const PLAYLIST_HINT =
  ': open it with mediabunny and pass the Input to openVideo(): new Input({ source: new UrlSource(url), formats: HLS_FORMATS })';

/**
 * The kind of a file that this library does not read as a video, or null if its first bytes match none.
 *
 * @param start - The first bytes of the file.
 */
export function kindOf(start: Uint8Array): string | null {
  const latin = String.fromCharCode(...start);
  const found = SIGNATURES.find(({ bytes, offset = 0 }) => latin.startsWith(bytes, offset));
  if (found !== undefined) return found.kind;
  const text = textOf(start);
  if (text === null) return null;
  return TEXTS.find(([begins]) => begins.test(text))?.[1] ?? null;
}

/**
 * The error text for a file of that kind.
 *
 * @param subject - "the file", or "the response" of a server.
 */
export const wrongKind = (subject: string, kind: string): string =>
  `${subject} is ${kind}, not a video (${CONTAINERS})${kind === 'an HLS playlist' ? PLAYLIST_HINT : ''}`;

/** The bytes as text, or null if they are not text: invalid UTF-8, or with control characters. */
function textOf(start: Uint8Array): string | null {
  try {
    // `stream`: the last character may be truncated.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(start, { stream: true }).trim();
    // oxlint-disable-next-line no-control-regex
    return text === '' || /[\0-\x08\x0e-\x1f]/u.test(text) ? null : text;
  } catch {
    return null;
  }
}
