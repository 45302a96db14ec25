/** Opens a file in this thread: selects the track, and reads the facts about it. */
import { shown } from '../base/errors.ts';
import { raceAbort } from '../base/abort.ts';
import type { LocalVideo } from './local-video.ts';
import type { AlphaOption, TrackOptions } from './open-track.ts';
import { openTrack } from './open-track.ts';
import type { BorrowedInput, OpenedSource } from './opened-source.ts';
import { openSource } from './opened-source.ts';
import type { PortableSource } from './portable-source.ts';
import { MissingTrackError, selectTrack } from './select-track.ts';

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
