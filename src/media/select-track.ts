/** Selection of the video track to read. */
import type { InputVideoTrack } from 'mediabunny';
import { encodingError, notSupported } from '../base/errors.ts';
import type { OpenedSource } from './opened-source.ts';

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
