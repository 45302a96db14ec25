/** Small frames through every part: decoder, shares, copies on canvases and in memory, a worker, a writer. */
import { StreamTarget, WebMOutputFormat } from 'mediabunny';
import type { FrameHandle, PoolLink, PoolNotice, Storage } from '../../../src/index.ts';
import {
  canvasStorage,
  connectPool,
  decodeFrames,
  memoryStorage,
  readableFrames,
  shareFrames,
  VideoFramePool,
} from '../../../src/index.ts';
import { FrameWriter } from '../../../src/media/index.ts';
import { Holder } from '../../support/threads/holder.ts';
import type { SmallFrames } from './small-frames.ts';
import { FRAME_US, HEIGHT, WIDTH } from './small-frames.ts';

const CAPACITY = 4;

type Branch = 'copies' | 'worker' | 'writer';

/**
 *                                            ┌─ copies ──▶ a canvas or memory, by turns ──▶ released
 * chunks ──▶ decodeFrames() ──▶ shareFrames() ├─ worker ──▶ link.send(), released over there
 *    as far as the gate          waits for    └─ writer ──▶ writeSample(), a file for each tenth
 *    is open                     the slowest
 */
export class Pipeline {
  readonly films = new VideoFramePool({ capacity: CAPACITY, name: 'films' });
  readonly canvases = new VideoFramePool({
    capacity: 2,
    name: 'canvases',
    storage: canvasStorage({ width: WIDTH / 2, height: HEIGHT / 2 }),
  });
  readonly memories = new VideoFramePool({
    capacity: 2,
    name: 'memories',
    storage: memoryStorage({ format: 'I420', codedWidth: WIDTH, codedHeight: HEIGHT }),
  });
  readonly pools = [this.films, this.canvases, this.memories] as VideoFramePool<Storage>[];
  /** Frames of all files. */
  written = 0;
  /** Notices by their reasons, of all pools. */
  readonly notices: Record<PoolNotice['reason'], number> = { released: 0, recovered: 0, lost: 0 };
  readonly #frames: SmallFrames;
  readonly #holder: Holder;
  readonly #link: PoolLink;
  readonly #branches: Promise<void>[];
  /** The number of frames that each branch has finished. */
  readonly #through: Record<Branch, number> = { copies: 0, worker: 0, writer: 0 };
  #writer = newWriter();
  /** The number of chunks that may enter. */
  #open = 0;
  #isOver = false;
  #opened = (): void => {};
  #arrived = (): void => {};
  #failure: unknown = null;

  private constructor(frames: SmallFrames, holder: Holder) {
    this.#frames = frames;
    this.#holder = holder;
    for (const pool of this.pools)
      pool.setListener(({ reason }) => {
        this.notices[reason]++;
        this.#arrived();
      });
    this.#link = connectPool(this.films, holder.worker, { name: 'worker' });
    const decoded = decodeFrames(this.films, this.#chunks(), frames.config, { holder: 'decoded' });
    const [copies, worker, written] = shareFrames(readableFrames(decoded), ['copies', 'worker', 'writer']);
    this.#branches = [
      this.#each('copies', copies, (handle) => this.#copy(handle)),
      this.#each('worker', worker, (handle) => this.#link.send(handle, 'release')),
      this.#each('writer', written, (handle) => this.#write(handle)),
    ];
    Promise.all(this.#branches).catch((error: unknown) => {
      this.#failure = error;
      this.#arrived();
    });
  }

  static async start(frames: SmallFrames): Promise<Pipeline> {
    const pipeline = new Pipeline(frames, await Holder.start());
    await pipeline.#beginFile();
    return pipeline;
  }

  /**
   * Admits this many more frames, and waits until all of them are finished and returned. Resolves to milliseconds
   * per frame.
   */
  async run(count: number): Promise<number> {
    const began = performance.now();
    this.#open += count;
    this.#opened();
    while (!this.#isThrough) {
      await new Promise<void>((resolve) => (this.#arrived = resolve));
      if (this.#failure !== null) throw this.#failure;
    }
    return (performance.now() - began) / count;
  }

  /** Finishes the file, and begins another one: an index grows with its file. */
  async nextFile(): Promise<void> {
    await this.#endFile();
    this.#writer = newWriter();
    await this.#beginFile();
  }

  /** Ends every part. Then no frame is open in the worker, and none is lent here. */
  async finish(): Promise<void> {
    this.#isOver = true;
    this.#opened();
    await Promise.all(this.#branches);
    await this.#endFile();
    this.#link.close();
    await this.#link.closed;
    await this.#holder.finish();
  }

  async #beginFile(): Promise<void> {
    await this.#writer.addVideoStream({ codec: 'vp8', width: WIDTH, height: HEIGHT, bitrate: 100_000 });
    await this.#writer.beginWriting();
  }

  async #endFile(): Promise<void> {
    await this.#writer.finalize();
    this.written += this.#writer.getStatistics(0).written;
  }

  get #isThrough(): boolean {
    const { copies, worker, writer } = this.#through;
    // The last share may still be in transit from the worker, or in the encoder's queue.
    return Math.min(copies, worker, writer) === this.#open && this.films.lentCount === 0;
  }

  async *#chunks(): AsyncGenerator<EncodedVideoChunk> {
    for (let number = 0; ; number++) {
      while (number >= this.#open && !this.#isOver)
        await new Promise<void>((resolve) => (this.#opened = resolve));
      if (number >= this.#open) return;
      yield this.#frames.chunk(number);
    }
  }

  async #each(
    branch: Branch,
    frames: ReadableStream<FrameHandle>,
    use: (handle: FrameHandle) => Promise<void>,
  ): Promise<void> {
    for await (const handle of frames) {
      await use(handle);
      this.#through[branch]++;
      this.#arrived();
    }
  }

  async #copy(handle: FrameHandle): Promise<void> {
    // In I420 as it is decoded, or drawn and scaled.
    const isDrawn = handle.timestamp % (2 * FRAME_US) === 0;
    const copy = await (isDrawn ? handle.copyTo(this.canvases) : handle.copyTo(this.memories));
    handle.release();
    copy.release();
  }

  async #write(handle: FrameHandle): Promise<void> {
    const written = this.#writer.writeSample(0, handle);
    handle.release();
    await written;
  }
}

/** A writer whose files are not kept. */
const newWriter = (): FrameWriter =>
  new FrameWriter({
    format: new WebMOutputFormat({ appendOnly: true }),
    target: new StreamTarget(new WritableStream({ write() {} })),
  });
