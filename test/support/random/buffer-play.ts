/** Pictures into buffers, at random: a pool with real canvases or memory beside its model. */
import { expect } from 'vitest';
import type { BufferStorage, CaptureRequest, FrameHandle } from '../../../src/index.ts';
import { VideoFramePool } from '../../../src/index.ts';
import { ManualClock } from '../../../src/testing/index.ts';
import { livePictures } from '../accounting.ts';
import type { Loan, Size, Wish } from './buffer-model.ts';
import { BufferModel } from './buffer-model.ts';
import type { Play, Step } from './programs.ts';
import { chosen, surely, tasks, Wait } from './programs.ts';
import type { Buffer, Kind } from './shaded.ts';
import { shadedFrame, shadeOf, sizeOf, storageOf } from './shaded.ts';

export const STEPS: readonly string[] =
  `adopt adopt capture copy copy copy acquire retain look snapshot release release release release drop abort storage capacity
   trim time harm decommit commit commit`.split(/\s+/u);

const SIZES: readonly [Size, Size, Size] = [
  { width: 16, height: 16 },
  { width: 24, height: 16 },
  { width: 32, height: 30 },
];
const CHANGES = ['fit', 'reconfigure', 'refuse'] as const;
const FILMS = 3;
const IDLE_MS = 100;

/** Of 255: what drawing and scaling one shade of grey may make of it. */
const DRIFT = 2;

interface Film extends Size {
  readonly handle: FrameHandle;
  readonly shade: number;
  /** Ours, and that of each copy that waits. */
  shares: number;
}

/** A share, and what it shows: a shade, null for a buffer that was lent empty. */
interface Held {
  readonly handle: Buffer;
  readonly loan: Loan;
  readonly shade: number | null;
}

interface Asked {
  readonly wait: Wait<Buffer>;
  readonly controller: AbortController;
  readonly shade: number | null;
  /** What is copied: of a film, a frame that the pool has as long as this waits, or nothing. */
  readonly source: Film | 'frame' | null;
}

export class BufferPlay implements Play<Step> {
  readonly #kind: Kind;
  readonly #clock = new ManualClock();
  readonly #films = new VideoFramePool({ capacity: FILMS, name: 'films' });
  readonly #pool: VideoFramePool<BufferStorage>;
  readonly #model: BufferModel;
  /** Films that we hold, and with them those whose copies wait. */
  readonly #filmList: Film[] = [];
  readonly #lent = new Set<Film>();
  readonly #held: Held[] = [];
  readonly #asked = new Map<number, Asked>();
  readonly #heard = { released: 0, discarded: 0 };
  #number = 0;

  constructor({ kind, capacity }: { kind: Kind; capacity: number }) {
    this.#kind = kind;
    const options = { capacity, idleMs: IDLE_MS, clock: this.#clock, storage: storageOf(kind, SIZES[0]) };
    this.#pool = new VideoFramePool(options);
    this.#model = new BufferModel(capacity, SIZES[0], kind === 'planes');
    this.#pool.setListener(({ reason, discarded }) => {
      expect(reason).toBe('released');
      this.#heard.released++;
      if (discarded) this.#heard.discarded++;
    });
  }

  async do({ kind, pick }: Step): Promise<void> {
    const held = chosen(this.#held, pick);
    const film = chosen(this.#filmList, pick);
    const size = SIZES[pick % SIZES.length] as Size;
    if (kind === 'adopt') this.#adopt(1 + (pick % 250), size);
    else if (kind === 'capture') this.#capture(1 + (pick % 250), size, CHANGES[pick % 4]);
    else if (kind === 'copy' && film !== undefined) this.#copy(film, CHANGES[pick % 4]);
    else if (kind === 'acquire') this.#ask(null, 'fit', null, null, (options) => this.#pool.acquire(options));
    else if (kind === 'retain' && held !== undefined) this.#retain(held);
    else if (kind === 'look' && held !== undefined) this.#look(held);
    else if (kind === 'snapshot' && held !== undefined) this.#snapshot(held);
    else if (kind === 'release' && held !== undefined) this.#release(held);
    else if (kind === 'drop' && film !== undefined) this.#letGo(film);
    else if (kind === 'abort') this.#abort(pick);
    else if (kind === 'storage') {
      this.#pool.configure({ storage: storageOf(this.#kind, size) });
      this.#model.restore(size);
    } else if (kind === 'capacity') {
      this.#pool.configure({ capacity: 1 + (pick % 4) });
      this.#model.resize(1 + (pick % 4));
    } else if (kind === 'trim') this.#trim();
    else if (kind === 'time') this.#letTimePass();
    else if (kind === 'harm' && held !== undefined) this.#harm(held);
    else if (kind === 'decommit') {
      void this.#pool.decommit();
      this.#model.decommit();
    } else if (kind === 'commit') {
      this.#pool.commit();
      this.#model.state = 'active';
    }
    await this.#settle();
  }

  check(): void {
    const { state, capacity, freeCount, lentCount, idleCount, waitingCount, bytes } = this.#pool;
    const model = this.#model;
    expect({ state, capacity, freeCount, lentCount, idleCount, waitingCount, bytes }).toEqual({
      state: model.state,
      capacity: model.capacity,
      freeCount: model.free,
      lentCount: model.loans.size,
      idleCount: model.idle,
      waitingCount: model.queue.length,
      bytes: model.bytes,
    });
    expect(this.#heard, 'one notice a return').toEqual({
      released: model.returns,
      discarded: model.discarded,
    });
    const waiting = [...this.#asked.values()].filter(({ source }) => source === 'frame').length;
    expect(livePictures(), 'films, and frames whose capture waits').toBe(this.#lent.size + waiting);
    expect(this.#films.lentCount).toBe(this.#lent.size);
  }

  async end(): Promise<void> {
    // What is held still shows what it showed.
    for (const held of this.#held) this.#look(held);
    for (const { controller } of this.#asked.values()) controller.abort();
    for (const id of this.#asked.keys()) this.#model.abort(id);
    while (this.#held.length > 0) this.#release(this.#held[0] as Held);
    while (this.#filmList.length > 0) this.#letGo(this.#filmList[0] as Film);
    await this.#settle();
    this.check();
    expect([this.#pool.lentCount, this.#films.lentCount]).toEqual([0, 0]);
    this.#pool.close();
    expect(this.#pool.bytes).toBe(0);
  }

  #adopt(shade: number, size: Size): void {
    const frame = shadedFrame(shade, size, this.#kind === 'planes');
    if (this.#lent.size < FILMS) {
      const film = { handle: this.#films.adopt(frame), shade, shares: 1, ...size };
      this.#lent.add(film);
      this.#filmList.push(film);
      return;
    }
    expect(() => this.#films.adopt(frame)).toThrow('has no room');
    expect(frame.codedWidth, 'a refused frame is closed').toBe(0);
  }

  #capture(shade: number, size: Size, sizeChange: Wish['sizeChange'] = 'fit'): void {
    const frame = shadedFrame(shade, size, this.#kind === 'planes');
    this.#ask(size, sizeChange, shade, 'frame', (options) => this.#pool.capture(frame, options));
  }

  #copy(film: Film, sizeChange: Wish['sizeChange'] = 'fit'): void {
    const { handle, shade, width, height } = film;
    const copy = (options: CaptureRequest): Promise<FrameHandle<BufferStorage>> =>
      handle.copyTo(this.#pool, options);
    film.shares++;
    this.#ask({ width, height }, sizeChange, shade, film, copy);
  }

  #ask(
    picture: Size | null,
    sizeChange: Wish['sizeChange'],
    shade: number | null,
    source: Asked['source'],
    call: (options: CaptureRequest) => Promise<FrameHandle<BufferStorage>>,
  ): void {
    const id = ++this.#number;
    const controller = new AbortController();
    const { signal } = controller;
    // What a handle shows goes by the storage, which is of one of two kinds here.
    const promise = call(
      picture === null ? { signal } : { signal, sizeChange },
    ) as Promise<unknown> as Promise<Buffer>;
    this.#asked.set(id, { wait: new Wait(promise), controller, shade, source });
    this.#model.ask({ id, picture, sizeChange });
  }

  /** Waits for all that the model has settled; the rest still waits. */
  async #settle(): Promise<void> {
    for (const [id, granted] of this.#model.settled) {
      const { wait, shade, source } = this.#asked.get(id) as Asked;
      await surely(wait.settled, `wish ${id}`);
      this.#asked.delete(id);
      if (source !== null && source !== 'frame') this.#dropFilm(source);
      const { outcome } = wait;
      if (typeof granted === 'string') {
        expect(outcome).toMatchObject({ error: { name: granted } });
        continue;
      }
      if (outcome === null || 'error' in outcome) throw outcome?.error ?? new Error('nothing came of a wish');
      const held = { handle: outcome.value, loan: granted, shade };
      this.#held.push(held);
      this.#look(held);
    }
    this.#model.settled.clear();
    await tasks(1);
    for (const [id, { wait }] of this.#asked) expect(wait.isPending, `wish ${id} waits`).toBe(true);
  }

  #look({ handle, loan, shade }: Held): void {
    if (loan.harmed) return;
    expect(sizeOf(handle)).toEqual([loan.width, loan.height]);
    // Memory that is lent empty may show what was in it before.
    if (shade === null) return;
    expect(handle.timestamp).toBe(shade);
    expect(Math.abs(shadeOf(handle) - shade), `shade ${shade}`).toBeLessThanOrEqual(DRIFT);
  }

  #retain({ handle, loan, shade }: Held): void {
    loan.shares++;
    this.#held.push({ handle: handle.retain() as Buffer, loan, shade });
  }

  #release(held: Held): void {
    this.#held.splice(this.#held.indexOf(held), 1);
    held.handle.release();
    held.handle.release();
    this.#model.drop(held.loan);
  }

  #letGo(film: Film): void {
    this.#filmList.splice(this.#filmList.indexOf(film), 1);
    film.handle.release();
    this.#dropFilm(film);
  }

  #dropFilm(film: Film): void {
    if (--film.shares === 0) this.#lent.delete(film);
  }

  #snapshot({ handle, loan }: Held): void {
    if (loan.harmed) return;
    const frame = handle.toVideoFrame();
    expect([frame.displayWidth, frame.displayHeight]).toEqual([loan.width, loan.height]);
    frame.close();
  }

  #abort(pick: number): void {
    const id = chosen([...this.#asked.keys()], pick);
    if (id === undefined) return;
    this.#asked.get(id)?.controller.abort();
    this.#model.abort(id);
  }

  #letTimePass(): void {
    this.#clock.advance(IDLE_MS);
    this.#model.idle = 0;
  }

  #trim(): void {
    this.#pool.trim();
    this.#model.idle = 0;
  }

  #harm({ handle, loan }: Held): void {
    if (loan.harmed || 'canvas' in handle || handle.data.buffer instanceof SharedArrayBuffer) return;
    structuredClone(null, { transfer: [handle.data.buffer] });
    loan.harmed = true;
  }
}
