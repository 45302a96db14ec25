/** Random copies into real canvases and real memory: changing sizes, aborted waits, damaged buffers. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BufferStorage, CanvasStorage, FrameHandle, MemoryStorage } from '../../src/index.ts';
import { canvasStorage, memoryStorage, VideoFramePool } from '../../src/index.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { livePictures } from '../support/accounting.ts';
import { copyAndClose } from '../support/copying.ts';
import type { Loan, Size, CopyWish } from '../support/random/buffer-model.ts';
import { BufferModel } from '../support/random/buffer-model.ts';
import type { Play, Steps } from '../support/random/programs.ts';
import { chosen, playAll, settledSoon, takeOut, tasks, Wait, withOne } from '../support/random/programs.ts';

const KINDS = ['canvas', 'memory', 'planes', 'shared'] as const;
type Kind = (typeof KINDS)[number];

type Buffer = FrameHandle<CanvasStorage> | FrameHandle<MemoryStorage>;

const SIZES: readonly [Size, Size, Size] = [
  { width: 16, height: 16 },
  { width: 24, height: 16 },
  { width: 32, height: 30 },
];
const FILMS = 3;
const IDLE_MS = 100;

/** Maximum drift of a shade of grey by drawing and scaling, of 255. */
const DRIFT = 2;

const sizeFor = (pick: number): Size => chosen(SIZES, pick) as Size;
const shadeFor = (pick: number): number => 1 + (pick % 250);
const changeFor = (pick: number): CopyWish['sizeChange'] =>
  (['scale', 'reconfigure', 'reject', 'scale'] as const)[pick % 4] ?? 'scale';

/** A grey frame, of planes or of colours. */
function shadedFrame(shade: number, { width, height }: Size, isPlanes: boolean): VideoFrame {
  const pixels = width * height;
  const data = new Uint8Array(isPlanes ? pixels * 1.5 : pixels * 4).fill(isPlanes ? 128 : shade);
  if (isPlanes) data.fill(shade, 0, pixels);
  // Opaque even if an engine interprets the fourth byte of RGBX as alpha, as Chromium does when it draws.
  else for (let at = 3; at < data.length; at += 4) data[at] = 255;
  const format = isPlanes ? 'I420' : 'RGBX';
  return new VideoFrame(data, { format, codedWidth: width, codedHeight: height, timestamp: shade });
}

function storageOf(kind: Kind, { width, height }: Size): BufferStorage {
  if (kind === 'canvas') return canvasStorage({ width, height, context: { willReadFrequently: true } });
  const format = kind === 'planes' ? 'I420' : 'RGBA';
  return memoryStorage({ format, codedWidth: width, codedHeight: height, shared: kind === 'shared' });
}

/** The size of a buffer, and the shade in its middle. */
function contentOf(handle: Buffer): Size & { shade: number } {
  if ('canvas' in handle) {
    const { width, height } = handle.canvas;
    const [shade = NaN] = handle.context.getImageData(width >> 1, height >> 1, 1, 1).data;
    return { width, height, shade };
  }
  const { data, layout, format, codedWidth: width, codedHeight: height } = handle;
  const { offset, stride } = layout[0] as PlaneLayout;
  const at = offset + stride * (height >> 1) + (width >> 1) * (format === 'I420' ? 1 : 4);
  return { width, height, shade: data[at] ?? NaN };
}

interface Film {
  readonly handle: FrameHandle;
  readonly size: Size;
  readonly shade: number;
  /** The test's own share, and that of each pending copy. */
  shares: number;
}

/** A share of a buffer, and the shade that it shows; null for one that was lent empty. */
interface Held {
  readonly handle: Buffer;
  readonly loan: Loan;
  readonly shade: number | null;
}

interface Asked {
  readonly wait: Wait<Buffer>;
  readonly shade: number | null;
  /** Source of a copy: a video, a frame that the pool owns during the wait, or nothing. */
  readonly source: Film | 'frame' | null;
}

/** A pool with real canvases or memory, beside its model. */
class BufferPlay implements Play {
  readonly counts = {};
  readonly #kind: Kind;
  readonly #clock = new ManualClock();
  readonly #films = new VideoFramePool({ capacity: FILMS, name: 'films' });
  readonly #pool: VideoFramePool<BufferStorage>;
  readonly #model: BufferModel;
  /** Videos that the test holds, and with them those of pending copies. */
  readonly #filmList: Film[] = [];
  readonly #lent = new Set<Film>();
  readonly #held: Held[] = [];
  readonly #asked = new Map<number, Asked>();
  readonly #notices = { released: 0, discarded: 0 };
  #number = 0;

  constructor({ kind, capacity }: { kind: Kind; capacity: number }) {
    this.#kind = kind;
    const options = { capacity, idleMs: IDLE_MS, clock: this.#clock, storage: storageOf(kind, SIZES[0]) };
    this.#pool = new VideoFramePool(options);
    this.#model = new BufferModel(capacity, SIZES[0], kind === 'planes');
    this.#pool.setListener(({ reason, discarded }) => {
      expect(reason).toBe('released');
      this.#notices.released++;
      if (discarded) this.#notices.discarded++;
    });
  }

  readonly #withHeld = withOne(() => this.#held);
  readonly steps: Steps = {
    adopt: (pick) => {
      const [shade, size] = [shadeFor(pick), sizeFor(pick)];
      const frame = shadedFrame(shade, size, this.#kind === 'planes');
      if (this.#lent.size < FILMS) {
        const film = { handle: this.#films.adopt(frame), shade, size, shares: 1 };
        this.#lent.add(film);
        this.#filmList.push(film);
        return;
      }
      expect(() => this.#films.adopt(frame)).toThrow('has no room');
      expect(frame.codedWidth, 'a rejected frame is closed').toBe(0);
    },
    copyFrom: (pick) => {
      const [shade, picture] = [shadeFor(pick), sizeFor(pick)];
      const frame = shadedFrame(shade, picture, this.#kind === 'planes');
      this.#ask({ picture, sizeChange: changeFor(pick) }, shade, 'frame', (options) =>
        copyAndClose(this.#pool, frame, options),
      );
    },
    copy: withOne(() => this.#filmList)((film, pick) => {
      film.shares++;
      this.#ask({ picture: film.size, sizeChange: changeFor(pick) }, film.shade, film, (options) =>
        film.handle.copyTo(this.#pool, options),
      );
    }),
    acquire: () =>
      this.#ask({ picture: null, sizeChange: 'scale' }, null, null, ({ signal }) =>
        this.#pool.acquire({ signal }),
      ),
    retain: this.#withHeld(({ handle, loan, shade }) => {
      loan.shares++;
      this.#held.push({ handle: handle.retain() as Buffer, loan, shade });
    }),
    look: this.#withHeld((held) => this.#look(held)),
    snapshot: this.#withHeld(({ handle, loan }) => {
      if (loan.harmed) return;
      const frame = handle.toVideoFrame();
      expect([frame.displayWidth, frame.displayHeight]).toEqual([loan.width, loan.height]);
      frame.close();
    }),
    release: (pick) => this.#release(takeOut(this.#held, pick)),
    drop: (pick) => this.#releaseFilm(takeOut(this.#filmList, pick)),
    abort: (pick) => {
      const [id, asked] = chosen([...this.#asked], pick) ?? [];
      asked?.wait.controller.abort();
      if (id !== undefined) this.#model.abort(id);
    },
    storage: (pick) => {
      this.#pool.configure({ storage: storageOf(this.#kind, sizeFor(pick)) });
      this.#model.restore(sizeFor(pick));
    },
    capacity: (pick) => {
      this.#pool.configure({ capacity: 1 + (pick % 4) });
      this.#model.resize(1 + (pick % 4));
    },
    trim: () => {
      this.#pool.trim();
      this.#model.idle = 0;
    },
    time: () => {
      this.#clock.advance(IDLE_MS);
      this.#model.idle = 0;
    },
    harm: this.#withHeld(({ handle, loan }) => {
      if (loan.harmed || 'canvas' in handle || handle.data.buffer instanceof SharedArrayBuffer) return;
      structuredClone(null, { transfer: [handle.data.buffer] });
      loan.harmed = true;
    }),
    decommit: () => {
      void this.#pool.decommit();
      this.#model.decommit();
    },
    commit: () => {
      this.#pool.commit();
      this.#model.state = 'active';
    },
  };

  /** Waits for each call that the model has settled; the others still wait. */
  async settle(): Promise<void> {
    for (const [id, granted] of this.#model.settled) {
      const { wait, shade, source } = this.#asked.get(id) as Asked;
      await settledSoon(wait.settled, `wish ${id}`);
      this.#asked.delete(id);
      if (source !== 'frame') this.#dropFilm(source);
      const { outcome } = wait;
      if (typeof granted === 'string') {
        expect(outcome).toMatchObject({ error: { name: granted } });
        continue;
      }
      if (outcome === null || 'error' in outcome) throw outcome?.error ?? new Error('nothing was copied');
      const held = { handle: outcome.value, loan: granted, shade };
      this.#held.push(held);
      this.#look(held);
    }
    this.#model.settled.clear();
    await tasks(1);
    for (const [id, { wait }] of this.#asked) expect(wait.isPending, `wish ${id} waits`).toBe(true);
  }

  check(): void {
    const { state, capacity, bytes, free: freeCount, idle: idleCount, loans, queue } = this.#model;
    const counts = { freeCount, idleCount, lentCount: loans.size, waitingCount: queue.length };
    expect(this.#pool).toMatchObject({ state, capacity, bytes, ...counts });
    const { returns: released, discarded } = this.#model;
    expect(this.#notices, 'one notice per return').toEqual({ released, discarded });
    const waiting = [...this.#asked.values()].filter(({ source }) => source === 'frame').length;
    expect(livePictures(), 'films, and frames whose copy waits').toBe(this.#lent.size + waiting);
    expect(this.#films.lentCount).toBe(this.#lent.size);
  }

  async end(): Promise<void> {
    // Each share still shows its old content.
    for (const held of this.#held) this.#look(held);
    for (const [id, { wait }] of this.#asked) {
      wait.controller.abort();
      this.#model.abort(id);
    }
    while (this.#held.length > 0) this.#release(this.#held.shift());
    while (this.#filmList.length > 0) this.#releaseFilm(this.#filmList.shift());
    await this.settle();
    this.check();
    expect([this.#pool.lentCount, this.#films.lentCount]).toEqual([0, 0]);
    this.#pool.close();
    expect(this.#pool.bytes).toBe(0);
  }

  #ask(
    wish: Omit<CopyWish, 'id'>,
    shade: number | null,
    source: Asked['source'],
    call: (options: {
      signal: AbortSignal;
      sizeChange: CopyWish['sizeChange'];
    }) => Promise<FrameHandle<BufferStorage>>,
  ): void {
    const id = ++this.#number;
    const { sizeChange } = wish;
    // What a handle shows depends on the storage, which is of one of two kinds here.
    const wait = new Wait((signal) => call({ signal, sizeChange }) as Promise<unknown> as Promise<Buffer>);
    this.#asked.set(id, { wait, shade, source });
    this.#model.ask({ id, ...wish });
  }

  #look({ handle, loan: { harmed, width, height }, shade }: Held): void {
    if (harmed) return;
    const content = contentOf(handle);
    expect(content).toMatchObject({ width, height });
    // Memory that is lent empty may still show its last picture.
    if (shade === null) return;
    expect(handle.timestamp).toBe(shade);
    expect(Math.abs(content.shade - shade), `shade ${shade}`).toBeLessThanOrEqual(DRIFT);
  }

  #release(held: Held | undefined): void {
    if (held === undefined) return;
    held.handle.release();
    held.handle.release();
    this.#model.drop(held.loan);
  }

  #releaseFilm(film: Film | undefined): void {
    film?.handle.release();
    this.#dropFilm(film);
  }

  #dropFilm(film: Film | null | undefined): void {
    if (film && --film.shares === 0) this.#lent.delete(film);
  }
}

for (const kind of KINDS) {
  test(`buffers of ${kind} behave as the model through random programs [C2] [C3] [C4] [C7] [C8] [C13]`, () =>
    playAll({
      kinds: `adopt*2 copyFrom copy*3 acquire retain look snapshot release*4 drop abort storage capacity
          trim time harm decommit commit*2`,
      most: 60,
      runs: 60,
      start: { kind: fc.constant(kind), capacity: fc.integer({ min: 1, max: 3 }) },
      begin: (start) => new BufferPlay(start),
      atLeast: { steps: 1000 },
    }));
}
