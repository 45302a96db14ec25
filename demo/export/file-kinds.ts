/** The kinds of files that the page makes: what they are called, and what writes them. */
import type { AudioCodec, OutputFormat, VideoCodec } from 'mediabunny';
import { Mp4OutputFormat, WebMOutputFormat } from 'mediabunny';

/** A container with a codec in it. Whether the engine encodes that codec is found out by the writer, not here. */
export interface FileKind {
  readonly id: string;
  readonly label: string;
  readonly codec: VideoCodec;
  /** What sound may be in it, the most widely played first. */
  readonly sound: readonly AudioCodec[];
  /** A format for one file. */
  format(): OutputFormat;
}

const webm = { sound: ['opus'], format: () => new WebMOutputFormat() } as const;
const mp4 = { sound: ['aac', 'opus'], format: () => new Mp4OutputFormat() } as const;

// Codecs that few engines encode are offered as well: that they cannot be had is for the writer to say.
const KINDS: readonly FileKind[] = [
  { id: 'webm-vp9', label: 'WebM, VP9', codec: 'vp9', ...webm },
  { id: 'webm-vp8', label: 'WebM, VP8', codec: 'vp8', ...webm },
  { id: 'webm-av1', label: 'WebM, AV1', codec: 'av1', ...webm },
  { id: 'mp4-avc', label: 'MP4, H.264 (AVC)', codec: 'avc', ...mp4 },
  { id: 'mp4-hevc', label: 'MP4, H.265 (HEVC)', codec: 'hevc', ...mp4 },
  { id: 'mp4-av1', label: 'MP4, AV1', codec: 'av1', ...mp4 },
];

/** Offers all kinds in a list of choices. */
export function offerKinds(select: HTMLSelectElement): void {
  select.replaceChildren(...KINDS.map(({ id, label }) => new Option(label, id)));
}

/** The kind that is chosen in a list of `offerKinds()`. */
export function chosenKind(select: HTMLSelectElement): FileKind {
  const found = KINDS.find(({ id }) => id === select.value);
  if (found === undefined) throw new Error(`there is no kind of file called "${select.value}"`);
  return found;
}
