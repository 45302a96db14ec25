/** Sample input of `writeSample()`: checks each sample and takes the writer's snapshot of it. */
import { invalidState, shown } from '../../base/errors.ts';
import { requireOpenFrame } from '../../pool/frames.ts';
import type { FrameHandle } from '../../pool/handle.ts';
import { HandleBase, loanOf } from '../../pool/handle.ts';
import type { PoolCore } from '../../pool/core.ts';
import type { Loan, LoanOwner, Revocation } from '../../pool/loan.ts';
import { isLent } from '../../pool/loan.ts';
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
  readonly #owners = new Set<LoanOwner>();
  /** Loans of `allocateSample()`. Held weakly, because the leak detector must find samples that an app forgot. */
  #lent: { readonly core: PoolCore; readonly loan: WeakRef<Loan> }[] = [];
  readonly #written = new WeakSet<Loan>();

  /** Registers a pool whose samples are valid for one write. */
  addPool(owner: LoanOwner): void {
    this.#owners.add(owner);
  }

  /** Records a sample that a pool of the writer lends. */
  noteLent(core: PoolCore, handle: FrameHandle<BufferStorage>): void {
    // Samples are lent for as long as the writer runs, so the ended loans are dropped here.
    this.#lent = this.#lent.filter(({ loan }) => loan.deref()?.hasEnded === false);
    this.#lent.push({ core, loan: new WeakRef(loanOf(handle, 'allocateSample()')) });
  }

  /** Revokes the loan of every lent sample that was not written. A written one stays readable for holders of other shares. */
  revokeUnwritten(revocation: Revocation): void {
    for (const { core, loan: ref } of this.#lent) {
      const loan = ref.deref();
      if (loan === undefined || loan.hasEnded) continue;
      if (!this.#written.has(loan)) core.revoke(loan, revocation);
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
    const loan = loanOf(handle, 'writeSample()');
    if (this.#written.has(loan)) throw invalidState('writeSample(): the sample was already written');
    const isOwn = this.#owners.has(loan.owner);
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
          this.#written.add(loan);
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
