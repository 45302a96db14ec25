/** Targets of files: memory, streams with and without chunks, append-only streams, and the origin private file system. */
import type { StreamTargetChunk, StreamTargetOptions, Target } from 'mediabunny';
import { AppendOnlyStreamTarget, BufferTarget, StreamTarget } from 'mediabunny';
import { describe, expect, onTestFinished, test } from 'vitest';
import { expectWritten } from '../support/probe-expect.ts';
import { begun, numbersOf, writeNumbers, writeTones } from '../support/probe-files.ts';
import type { Kind } from '../support/probe-kinds.ts';
import { kindOf, KINDS } from '../support/probe-kinds.ts';
import { sampled } from '../support/sampled.ts';

/** Two fragments, and two clusters. */
const FILM = { times: [0, 33_333, 66_667, 1_000_000, 2_033_333, 2_066_667], end: 2_100_000 };

/** Positioned writes, put together as a disk would. */
class Disk {
  bytes = new Uint8Array();
  readonly sizes: number[] = [];
  isClosed = false;
  readonly writable = new WritableStream<StreamTargetChunk>({
    write: ({ data, position }) => {
      this.sizes.push(data.byteLength);
      const end = position + data.byteLength;
      if (end > this.bytes.length) {
        const longer = new Uint8Array(end);
        longer.set(this.bytes);
        this.bytes = longer;
      }
      this.bytes.set(data, position);
    },
    close: () => void (this.isClosed = true),
  });
}

async function write(target: Target, kind: Kind): Promise<void> {
  const { writer } = await begun(kind, {}, { target, hasSound: true });
  await Promise.all([writeNumbers(writer, FILM), writeTones(writer, FILM.end)]);
  await writer.finalize();
}

/** Writes by a stream to a disk. */
const toDisk =
  (options: StreamTargetOptions = {}) =>
  async (kind: Kind): Promise<Blob> => {
    const disk = new Disk();
    await write(new StreamTarget(disk.writable, options), kind);
    expect(disk.isClosed).toBe(true);
    if (options.chunkSize !== undefined) expect(Math.max(...disk.sizes)).toBe(options.chunkSize);
    return new Blob([disk.bytes]);
  };

const ways = [
  {
    way: 'into memory',
    async write(kind: Kind): Promise<Blob> {
      const target = new BufferTarget();
      await write(target, kind);
      return new Blob([target.buffer ?? '']);
    },
  },
  { way: 'into a stream, which is closed', write: toDisk() },
  {
    way: 'into a stream by chunks, none of them larger than requested',
    write: toDisk({ chunked: true, chunkSize: 4096 }),
  },
  ...[false, true].map((chunked) => ({
    way: `into a file of the origin, by chunks: ${chunked}`,
    async write(kind: Kind): Promise<Blob> {
      const root = await navigator.storage.getDirectory();
      const handle = await root.getFileHandle('written', { create: true });
      onTestFinished(() => root.removeEntry('written'));
      await write(new StreamTarget(await handle.createWritable(), { chunked }), kind);
      return handle.getFile();
    },
  })),
];

const cases = KINDS.flatMap((kind) => ways.map((way) => ({ kind, name: kind.name, ...way })));

describe.each(sampled(cases))('$name', ({ kind, way, write: written }) => {
  test(way, async () => {
    await expectWritten(await written(kind), kind, FILM);
  });
});

describe('an append-only stream', () => {
  test('accepts a fragmented MP4, whose part before the end can be read', async () => {
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    const writable = new WritableStream<Uint8Array>({
      write: (piece) => void pieces.push(new Uint8Array(piece)),
    });
    const kind = kindOf('fragmented MP4');
    const { writer } = await begun(kind, { codec: 'avc' }, { target: new AppendOnlyStreamTarget(writable) });
    await writeNumbers(writer, FILM);
    await writer.placeMarker(0);
    // The fragment that the last key frame began is missing entirely.
    const early = await numbersOf(new Blob(pieces));
    expect(early.map(([number]) => number)).toEqual([0, 1, 2, 3]);
    await writer.finalize();
    await expectWritten(new Blob(pieces), kind, FILM);
  });

  test('is refused if the kind of file rewrites its header', async () => {
    const writable = new WritableStream<Uint8Array>();
    const writing = write(new AppendOnlyStreamTarget(writable), kindOf('MP4'));
    await expect(writing).rejects.toThrow(
      'AppendOnlyStreamTarget requires that data be written monotonically',
    );
  });
});
