/** Opens a file in this thread: selects the track, and reads the facts about it. */
import { shown, encodingError, notSupported } from '../base/errors.ts';
import { raceAbort } from '../base/abort.ts';
import type { LocalVideo } from './local-video.ts';
import type { TrackOptions } from './open-track.ts';
import { openTrack } from './open-track.ts';
import type { BorrowedInput, OpenedSource } from './opened-source.ts';
import { openSource } from './opened-source.ts';
import type { PortableSource } from './portable-source.ts';
import type { InputVideoTrack } from 'mediabunny';

/** Options for opening a file in this thread. */
export interface OpenLocalOptions extends TrackOptions {
  readonly signal?: AbortSignal | undefined;
  /** Number of the track among the video tracks. Undefined selects the main one. */
  readonly track?: number | undefined;
}

/** @throws `TypeError` for any other value. */
export function requireAlpha(alpha: unknown): AlphaOption {
  if (alpha === 'keep' || alpha === 'discard') return alpha;
  throw new TypeError(`alpha must be 'keep' or 'discard', got ${shown(alpha)}`);
}

/** Opens a file. The errors are those of `openVideo()`. */
export async function openLocal(
  source: PortableSource | BorrowedInput,
  options: OpenLocalOptions,
): Promise<LocalVideo> {
  const { signal } = options;
  signal?.throwIfAborted();
  const opened = openSource(source);
  const stop = (): void => opened.close();
  signal?.addEventListener('abort', stop);
  try {
    return await raceAbort(readHead(opened, options), signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof MissingTrackError) {
      opened.close();
      throw error;
    }
    const mapped = await raceAbort(opened.mapError(error), signal);
    opened.close();
    throw mapped;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** @throws The errors of `openTrack()`, and `MissingTrackError`. */
async function readHead(opened: OpenedSource, options: OpenLocalOptions): Promise<LocalVideo> {
  return openTrack(opened, await selectTrack(opened, options.track), options);
}

/** Marks a mistake of the caller, unlike other errors while a file is read. Its name is that of its base class. */
export class MissingTrackError extends RangeError {}

/**
 * @param number - Index among the video tracks; undefined selects the main one.
 * @throws `RangeError` for a track that the file does not have.
 * @throws `NotSupportedError` for a file without video, `EncodingError` for one without any track.
 */
export async function selectTrack(
  { input, track }: OpenedSource,
  number: number | undefined,
): Promise<InputVideoTrack> {
  if (track !== null) return track;
  if (number === undefined) {
    const main = await input.getPrimaryVideoTrack();
    if (main !== null) return main;
  }
  const tracks = await input.getVideoTracks();
  const found = number === undefined ? undefined : tracks[number];
  if (found !== undefined) return found;
  if (tracks.length > 0) {
    const count = tracks.length === 1 ? '1 video track' : `${tracks.length} video tracks`;
    throw new MissingTrackError(
      `track must be below the number of video tracks, got ${number}: the file has ${count}`,
    );
  }
  const others = await input.getTracks();
  if (others.length === 0) throw encodingError('the file lists no tracks: it is cut off, or damaged');
  const hasSound = others.some((each) => each.type === 'audio');
  throw notSupported(`the file has no video track${hasSound ? ', only sound' : ''}`);
}
