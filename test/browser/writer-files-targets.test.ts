/** Where files go: memory, streams with and without chunks, streams that only grow, and the origin's own file system. */
import type { StreamTargetChunk } from 'mediabunny';
import { AppendOnlyStreamTarget, BufferTarget, StreamTarget } from 'mediabunny';
import { describe, expect, test } from 'vitest';
import { expectWritten } from '../support/probe-expect.ts';
import { begunInto, readBack, writeNumbers, writeTones } from '../support/probe-files.ts';
import { kindOf, KINDS } from '../support/probe-kinds.ts';

/** Two fragments, and two clusters. */
const TIMES = [0, 33_333, 66_667, 1_000_000, 2_033_333, 2_066_667];
const END = 2_100_000;

/** Writes that go to places, put together as a disk would. */
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
    close: () => {
      this.isClosed = true;
    },
  });
}

async function write(
  target: BufferTarget | StreamTarget | AppendOnlyStreamTarget,
  name: string,
): Promise<void> {
  const writer = await begunInto(target, kindOf(name), { codec: 'vp8' }, true);
  const pictures = writeNumbers(writer, TIMES, { lastDuration: END - 2_066_667 });
  await Promise.all([pictures, writeTones(writer, END)]);
  await writer.finalize();
}

const expectGood = (file: Blob, name: string): Promise<unknown> =>
  expectWritten(file, kindOf(name), { times: TIMES, end: END });

describe.each(KINDS)('$name', ({ name }) => {
  test('into memory', async () => {
    const target = new BufferTarget();
    await write(target, name);
    await expectGood(new Blob([target.buffer ?? '']), name);
  });

  test('into a stream, which is closed', async () => {
    const disk = new Disk();
    await write(new StreamTarget(disk.writable), name);
    expect(disk.isClosed).toBe(true);
    await expectGood(new Blob([disk.bytes]), name);
  });

  test('into a stream by chunks, none of them larger than asked for', async () => {
    const disk = new Disk();
    await write(new StreamTarget(disk.writable, { chunked: true, chunkSize: 4096 }), name);
    expect(disk.isClosed).toBe(true);
    expect(Math.max(...disk.sizes)).toBe(4096);
    await expectGood(new Blob([disk.bytes]), name);
  });

  test.each([false, true])('into a file of the origin, by chunks: %s', async (chunked) => {
    const root = await navigator.storage.getDirectory();
    const handle = await root.getFileHandle('written', { create: true });
    try {
      await write(new StreamTarget(await handle.createWritable(), { chunked }), name);
      await expectGood(await handle.getFile(), name);
    } finally {
      await root.removeEntry('written');
    }
  });
});

describe('a stream that only grows', () => {
  test('takes a fragmented MP4, and what it has before the end can be read', async () => {
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    const writable = new WritableStream<Uint8Array>({
      write: (piece) => {
        pieces.push(new Uint8Array(piece));
      },
    });
    const writer = await begunInto(new AppendOnlyStreamTarget(writable), kindOf('fragmented MP4'), {
      codec: 'avc',
    });
    await writeNumbers(writer, TIMES, { lastDuration: END - 2_066_667 });
    await writer.placeMarker(0);
    // Of the fragment that the last key frame has begun nothing is there.
    const early = await readBack(new Blob(pieces));
    expect(early.pictures.map(({ number }) => number)).toEqual([0, 1, 2, 3]);
    await writer.finalize();
    await expectGood(new Blob(pieces), 'fragmented MP4');
  });

  test('is refused where the kind of file goes back to its head', async () => {
    const writable = new WritableStream<Uint8Array>();
    const writing = write(new AppendOnlyStreamTarget(writable), 'MP4');
    await expect(writing).rejects.toThrow(
      'AppendOnlyStreamTarget requires that data be written monotonically',
    );
  });
});
