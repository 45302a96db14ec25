/** Server of the test clips that gives wrong responses from a byte on. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Plugin } from 'vite';

/** Request for the bytes of a file from `start` on. */
interface Asked {
  readonly bytes: Buffer;
  readonly start: number;
  /** The byte at which the fault begins. */
  readonly from: number;
  readonly response: ServerResponse;
}

const clip = (file: string): Buffer => readFileSync(new URL(`../media/${file}`, import.meta.url));

const total = (size: number, start: number, end: number): string => `bytes ${start}-${end - 1}/${size}`;

/** Sends the correct bytes up to the beginning of the fault. */
function goodPart({ bytes, start, from, response }: Asked, size = bytes.length): void {
  const end = Math.min(from, bytes.length);
  response.writeHead(206, { 'Content-Range': total(size, start, end), 'Content-Length': end - start });
  response.end(bytes.subarray(start, end));
}

const sound = (asked: Asked): void => goodPart({ ...asked, from: Infinity });

/** Responds correctly before the beginning of the fault. */
const behind = (bad: (asked: Asked) => void) => (asked: Asked) => {
  if (asked.start < asked.from) goodPart(asked);
  else bad(asked);
};

const status = (code: number) => behind(({ response }) => void response.writeHead(code).end('no film'));

/** Announces all bytes, and sends only the good ones. */
function begin({ bytes, start, from, response }: Asked): void {
  response.writeHead(206, {
    'Content-Range': total(bytes.length, start, bytes.length),
    'Content-Length': bytes.length - start,
  });
  response.flushHeaders();
  if (start < from) response.write(bytes.subarray(start, from));
}

/** Sends the file from its first byte, whichever range was requested. */
function beginWhole({ bytes, from, response }: Asked, length: number): void {
  response.writeHead(200, { 'Content-Length': length });
  response.flushHeaders();
  if (from > 0) response.write(bytes.subarray(0, from));
}

/** Long enough for the client to read the bytes that were written. */
const BREAK_MS = 20;

const breakOff = ({ response }: Asked): void => void setTimeout(() => response.destroy(), BREAK_MS);

function breaksOff(asked: Asked): void {
  begin(asked);
  breakOff(asked);
}

/** The faults, by the names that addresses use. */
const FAULTS: Record<string, (asked: Asked, times: number) => void> = {
  none: sound,
  'needs-key': sound,
  empty: ({ response }) => void response.writeHead(416).end(),
  404: status(404),
  500: status(500),
  'another-range': behind(({ bytes, start, response }) => {
    const other = start < 1000 ? start + 1000 : start - 1000;
    response.writeHead(206, { 'Content-Range': total(bytes.length, other, bytes.length) });
    response.end(bytes.subarray(other));
  }),
  'a-page': behind(({ response }) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html>'.repeat(100));
  }),
  'no-bytes': behind(({ bytes, start, response }) => {
    response.writeHead(206, { 'Content-Range': total(bytes.length, start, bytes.length) }).end();
  }),
  'breaks-off': breaksOff,
  'breaks-off-once': (asked, times) => (times > 1 ? sound : breaksOff)(asked),
  stalls: begin,
  'too-long'(asked) {
    beginWhole({ ...asked, from: Infinity }, asked.bytes.length + 1000);
    breakOff(asked);
  },
  'too-large': (asked) => goodPart({ ...asked, from: Infinity }, asked.bytes.length + 5000),
};

/** Number of requests for each address. */
const counts = new Map<string, number>();

/** A gap that no reader reads across. The bytes behind it are requested when they are needed. */
const GAP_BYTES = 2 ** 20;

/** A file, and its part that cannot be read. */
type FaultyFile = Pick<Asked, 'bytes' | 'from'> & { readonly to: number };

/** Makes a film whose second half is apart from the first half, and from the table of its frames at the end. */
function twoHalves(): FaultyFile {
  const bytes = Buffer.from(clip('h264_sound.mp4'));
  const media = bytes.indexOf('mdat') - 4;
  const size = bytes.readUInt32BE(media);
  const [firstTable = 0, ...tables] = indicesOf(bytes, 'stco');
  const chunks = bytes.readUInt32BE(firstTable + 8);
  const middle = bytes.readUInt32BE(firstTable + 12 + 4 * Math.floor(chunks / 2));
  bytes.writeUInt32BE(size + 2 * GAP_BYTES, media);
  for (const table of [firstTable, ...tables]) {
    for (let entry = 0; entry < bytes.readUInt32BE(table + 8); entry++) {
      const at = table + 12 + 4 * entry;
      const chunk = bytes.readUInt32BE(at);
      if (chunk >= middle) bytes.writeUInt32BE(chunk + GAP_BYTES, at);
    }
  }
  const gap = Buffer.alloc(GAP_BYTES);
  const end = media + size;
  const halves = [bytes.subarray(0, middle), bytes.subarray(middle, end), bytes.subarray(end)];
  return {
    bytes: Buffer.concat(halves.flatMap((part, place) => (place === 0 ? [part] : [gap, part]))),
    from: middle + GAP_BYTES,
    to: end + GAP_BYTES,
  };
}

/** Positions of the tables of this name in a file. */
function indicesOf(bytes: Buffer, name: string): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1)) found.push(at);
  return found;
}

/** Whether a request is rejected because it lacks the header that `openVideo()` was given. */
const isRefused = (fault: string, headers: IncomingMessage['headers']): boolean =>
  fault === 'needs-key' && headers['x-key'] !== 'open sesame';

function answer({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
  response.setHeader('Cache-Control', 'no-store');
  const times = (counts.get(url) ?? 0) + 1;
  counts.set(url, times);
  const { bytes, from, to } =
    pathname === '/middle' ? twoHalves() : { bytes: clip('vp8.webm'), from: 0, to: Infinity };
  const start = Number(/bytes=(\d+)-/u.exec(headers.range ?? '')?.[1] ?? 0);
  const named = searchParams.get('fault') ?? '';
  if (isRefused(named, headers)) {
    response.writeHead(403).end('no key');
    return;
  }
  const fault = start < to ? named : 'none';
  FAULTS[fault]?.({ bytes, start, from, response }, times);
}

/**
 * Serves `/faults/opening?fault=404`, with the fault in the whole film, and `/faults/middle`, with the fault in its second half.
 */
export const faultyServer = (): Plugin => ({
  name: 'faulty-server',
  configureServer({ middlewares }) {
    middlewares.use('/faults/', answer);
  },
});
