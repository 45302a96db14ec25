/** File formats that the page can write: container, codec and label. */
import type { AudioCodec, OutputFormat, VideoCodec } from 'mediabunny';
import { Mp4OutputFormat, WebMOutputFormat } from 'mediabunny';

/** A container with a video codec. The writer, not this table, finds out whether the engine can encode the codec. */
export interface FileKind {
  readonly id: string;
  readonly label: string;
  readonly codec: VideoCodec;
  /** Audio codecs of the container, most widely supported first. */
  readonly sound: readonly AudioCodec[];
  /** Creates the output format for one file. */
  format(): OutputFormat;
}

const webm = { sound: ['opus'], format: () => new WebMOutputFormat() } as const;
const mp4 = { sound: ['aac', 'opus'], format: () => new Mp4OutputFormat() } as const;

// Codecs that few engines encode are listed as well: the writer reports if one is not supported.
const KINDS: readonly FileKind[] = [
  { id: 'webm-vp9', label: 'WebM, VP9', codec: 'vp9', ...webm },
  { id: 'webm-vp8', label: 'WebM, VP8', codec: 'vp8', ...webm },
  { id: 'webm-av1', label: 'WebM, AV1', codec: 'av1', ...webm },
  { id: 'mp4-avc', label: 'MP4, H.264 (AVC)', codec: 'avc', ...mp4 },
  { id: 'mp4-hevc', label: 'MP4, H.265 (HEVC)', codec: 'hevc', ...mp4 },
  { id: 'mp4-av1', label: 'MP4, AV1', codec: 'av1', ...mp4 },
];

/** Fills a list with all kinds. */
export function offerKinds(select: HTMLSelectElement): void {
  select.replaceChildren(...KINDS.map(({ id, label }) => new Option(label, id)));
}

/** Returns the selected kind of a list that `offerKinds()` filled. */
export function chosenKind(select: HTMLSelectElement): FileKind {
  const found = KINDS.find(({ id }) => id === select.value);
  if (found === undefined) throw new Error(`unknown kind of file "${select.value}"`);
  return found;
}
