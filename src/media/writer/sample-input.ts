/** Sample input of `writeSample()`: checks each sample and takes the writer's snapshot of it. */
import { invalidState, shown } from '../../base/errors.ts';
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

/** Holder name of the writer's shares. */
const HOLDER = 'FrameWriter';

/** Snapshot of a picture, and the share that comes with it. */
export interface PictureSnapshot {
  readonly data: VideoFrame;
  /** Takes the writer's own share, and spends a sample that the writer lent. Null if the sample has no share. */
  take(): FrameHandle<Storage> | null;
}

/** The samples of one writer: the pools that lend them, and which were written. */
export class SampleInput {
  readonly #homes = new Set<Home>();
  /** Loans of `allocateSample()`. Held weakly, because the leak detector must find samples that an app forgot. */
  readonly #lent: { readonly home: PoolCore; readonly line: WeakRef<Lifeline> }[] = [];
  readonly #known = new WeakSet<Lifeline>();
  /** The written loan of each lifeline. */
  readonly #written = new WeakMap<Lifeline, number>();

  /** Registers a pool whose samples are valid for one write. */
  addPool(home: Home): void {
    this.#homes.add(home);
  }

  /** Records a sample that a pool of the writer lends. */
  noteLent(home: PoolCore, handle: FrameHandle<BufferStorage>): void {
    const line = loanOf(handle, 'allocateSample()');
    // A lifeline serves many loans.
    if (this.#known.has(line)) return;
    this.#known.add(line);
    this.#lent.push({ home, line: new WeakRef(line) });
  }

  /** Revokes the loan of every lent sample that was not written. A written one stays readable for holders of other shares. */
  revokeUnwritten(revocation: Revocation): void {
    for (const { home, line: ref } of this.#lent) {
      const line = ref.deref();
      if (line === undefined || line.slot.shares === 0 || line.revoked !== null) continue;
      if (this.#written.get(line) !== line.loan) home.revoke(line, revocation);
    }
  }

  /**
   * Takes a snapshot of a picture, which the caller closes.
   *
   * @throws `TypeError` for a value that is not a picture, `InvalidStateError` for one that was already released, closed or
   * written.
   */
  snapshot(sample: unknown, info: SampleInfo): PictureSnapshot {
    if (sample instanceof HandleBase) return this.#snapshotOf(sample as FrameHandle<Storage>, info);
    requireOpenFrame('sample', sample);
    if (isLent(sample)) {
      throw new TypeError(
        'writeSample(): the frame is lent by a pool; write the handle, which holds the slot until the frame is encoded',
      );
    }
    const { timestamp = sample.timestamp, duration = sample.duration } = info;
    return { data: new VideoFrame(sample, timesOf(timestamp, duration)), take: () => null };
  }

  #snapshotOf(handle: FrameHandle<Storage>, info: SampleInfo): PictureSnapshot {
    const line = loanOf(handle, 'writeSample()');
    if (this.#written.get(line) === line.loan)
      throw invalidState('writeSample(): the sample was already written');
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
 * A copy of the info with times in whole µs.
 *
 * @throws `TypeError` or `RangeError` for invalid times.
 */
export function checkedInfo({ timestamp, duration, ...rest }: SampleInfo): SampleInfo {
  return {
    ...rest,
    ...(timestamp === undefined ? {} : { timestamp: requireMicroseconds('info.timestamp', timestamp) }),
    ...(duration === undefined ? {} : { duration: requireMicroseconds('info.duration', duration, 0) }),
  };
}

/** Whether a value is an open or closed `AudioData`, of any window. */
export const isAudioData = (value: unknown): value is AudioData =>
  typeof value === 'object' &&
  value !== null &&
  Object.prototype.toString.call(value) === '[object AudioData]';

/**
 * A copy of sound at the requested time, which the caller closes.
 *
 * @throws `TypeError` for a value that is not an AudioData, `InvalidStateError` for a closed one.
 */
export function soundOf(sample: unknown, { timestamp }: SampleInfo): AudioData {
  if (!isAudioData(sample)) throw new TypeError(`sample must be an AudioData, got ${shown(sample)}`);
  const { format, sampleRate, numberOfFrames, numberOfChannels } = sample;
  if (format === null) throw invalidState('sample is an AudioData that was already closed or transferred');
  if (timestamp === undefined || timestamp === sample.timestamp) return sample.clone();
  const planes = format.endsWith('-planar') ? numberOfChannels : 1;
  const planeBytes = sample.allocationSize({ planeIndex: 0 });
  const data = new Uint8Array(planes * planeBytes);
  for (let planeIndex = 0; planeIndex < planes; planeIndex++) {
    sample.copyTo(data.subarray(planeIndex * planeBytes, (planeIndex + 1) * planeBytes), { planeIndex });
  }
  return new AudioData({ format, sampleRate, numberOfFrames, numberOfChannels, timestamp, data });
}
