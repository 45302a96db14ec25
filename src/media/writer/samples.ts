/** What `writeSample()` takes, and the snapshots that it makes of that. */
import { invalidState, shown } from '../../errors.ts';
import { requireOpenFrame } from '../../pool/frames.ts';
import type { FrameHandle } from '../../pool/handle.ts';
import { HandleBase, loanOf } from '../../pool/handle.ts';
import type { PoolCore } from '../../pool/core.ts';
import type { Home } from '../../pool/home.ts';
import type { Lifeline, Revocation } from '../../pool/lifeline.ts';
import { isLent } from '../../pool/lifeline.ts';
import type { BufferStorage, Storage } from '../../pool/storage.ts';
import { requireMicroseconds } from './microseconds.ts';
import type { SampleInfo } from './options.ts';

/** The name under which a writer holds what it was given. */
const HOLDER = 'FrameWriter';

/** A snapshot of a picture, not yet taken. */
export interface Picture {
  readonly data: VideoFrame;
  /** Takes the writer's own share; spends the sample where it was lent by the writer. Null where there is none to take. */
  take(): FrameHandle<Storage> | null;
}

/** The samples of one writer: which pools lend them, and which were written. */
export class Samples {
  readonly #homes = new Set<Home>();
  /** Loans of `allocateSample()`; weakly, or the net could not find the samples that an app forgot. */
  readonly #lent: { readonly home: PoolCore; readonly line: WeakRef<Lifeline> }[] = [];
  readonly #known = new WeakSet<Lifeline>();
  /** Which loans of their lifelines were written. */
  readonly #written = new WeakMap<Lifeline, number>();

  /** What this pool lends is good for one write. */
  own(home: Home): void {
    this.#homes.add(home);
  }

  /** Notes a sample that a pool of the writer lends. */
  lend(home: PoolCore, handle: FrameHandle<BufferStorage>): void {
    const line = loanOf(handle, 'allocateSample()');
    // A lifeline serves many loans.
    if (this.#known.has(line)) return;
    this.#known.add(line);
    this.#lent.push({ home, line: new WeakRef(line) });
  }

  /** Ends the loan of every sample that was lent and not written. A written one stays readable for holders of other shares. */
  takeBack(revocation: Revocation): void {
    for (const { home, line: ref } of this.#lent) {
      const line = ref.deref();
      if (line === undefined || line.slot.shares === 0 || line.revoked !== null) continue;
      if (this.#written.get(line) !== line.loan) home.revoke(line, revocation);
    }
  }

  /**
   * A snapshot of a picture, to be closed by the caller.
   *
   * @throws `TypeError` for what is none, `InvalidStateError` for one that was released, closed or written before.
   */
  picture(sample: unknown, info: SampleInfo): Picture {
    if (sample instanceof HandleBase) return this.#pictureOf(sample as FrameHandle<Storage>, info);
    requireOpenFrame('sample', sample);
    if (isLent(sample)) {
      throw new TypeError(
        'writeSample(): this frame is lent by a pool: write the handle, so that its slot is held until it is encoded',
      );
    }
    const { timestamp = sample.timestamp, duration = sample.duration } = info;
    return { data: new VideoFrame(sample, timesOf(timestamp, duration)), take: () => null };
  }

  #pictureOf(handle: FrameHandle<Storage>, info: SampleInfo): Picture {
    const line = loanOf(handle, 'writeSample()');
    if (this.#written.get(line) === line.loan)
      throw invalidState('writeSample(): this sample was written already');
    const isOwn = this.#homes.has(line.home);
    if (isOwn && info.timestamp === undefined) {
      throw new TypeError(
        'info.timestamp must be given: a sample of allocateSample() has no time of its own',
      );
    }
    const { timestamp = handle.timestamp, duration = handle.duration } = info;
    return {
      data: handle.toVideoFrame(timesOf(timestamp, duration)),
      take: () => {
        const share = handle.retain(HOLDER);
        if (isOwn) {
          this.#written.set(line, line.loan);
          handle.release();
        }
        return share;
      },
    };
  }
}

const timesOf = (timestamp: number, duration: number | null): VideoFrameInit =>
  duration === null ? { timestamp } : { timestamp, duration };

/**
 * The same with times in whole µs.
 *
 * @throws `TypeError` or `RangeError` for times that are none.
 */
export function checkedInfo({ timestamp, duration, ...rest }: SampleInfo): SampleInfo {
  return {
    ...rest,
    ...(timestamp === undefined ? {} : { timestamp: requireMicroseconds('info.timestamp', timestamp) }),
    ...(duration === undefined ? {} : { duration: requireMicroseconds('info.duration', duration, 0) }),
  };
}

/** Whether this is an open or closed `AudioData`, of any window. */
export const isAudioData = (value: unknown): value is AudioData =>
  typeof value === 'object' &&
  value !== null &&
  Object.prototype.toString.call(value) === '[object AudioData]';

/**
 * A copy of sound at the time asked for, to be closed by the caller.
 *
 * @throws `TypeError` for what is no sound, `InvalidStateError` for what was closed.
 */
export function soundOf(sample: unknown, { timestamp }: SampleInfo): AudioData {
  if (!isAudioData(sample)) throw new TypeError(`sample must be an AudioData, got ${shown(sample)}`);
  const { format, sampleRate, numberOfFrames, numberOfChannels } = sample;
  if (format === null) throw invalidState('sample is an AudioData that was closed or transferred already');
  if (timestamp === undefined || timestamp === sample.timestamp) return sample.clone();
  const planes = format.endsWith('-planar') ? numberOfChannels : 1;
  const planeBytes = sample.allocationSize({ planeIndex: 0 });
  const data = new Uint8Array(planes * planeBytes);
  for (let planeIndex = 0; planeIndex < planes; planeIndex++) {
    sample.copyTo(data.subarray(planeIndex * planeBytes, (planeIndex + 1) * planeBytes), { planeIndex });
  }
  return new AudioData({ format, sampleRate, numberOfFrames, numberOfChannels, timestamp, data });
}
