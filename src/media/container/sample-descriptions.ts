/** Parser of multiple sample descriptions: MP4 and MOV tracks that change their codec configuration within the track. */

import type { Box } from './boxes.ts';
import { boxAt, boxesOf, trackId, viewOf } from './boxes.ts';

/** Configurations of one track, and the samples to which each applies. */
export interface SampleDescriptions {
  readonly configs: readonly VideoDecoderConfig[];
  /** Runs of samples with one description (0 is the first), in order of their first sample. */
  readonly runs: readonly { readonly firstSample: number; readonly description: number }[];
  /** The default description of fragments. */
  readonly initial: number;
}

/**
 * Reads the tracks of a `moov` box that have more than one video sample description.
 *
 * @param moov - The contents of the box.
 * @returns By track ID. Empty for ordinary files.
 */
export function sampleDescriptionsOf(moov: Uint8Array): Map<number, SampleDescriptions> {
  const tracks = new Map<number, SampleDescriptions>();
  const boxes = [...boxesOf(moov)];
  for (const { bytes: track } of boxes.filter(({ name }) => name === 'trak')) {
    const id = trackId(boxAt(track, 'tkhd'));
    const table = boxAt(track, 'mdia', 'minf', 'stbl');
    const stsd = table === null ? null : boxAt(table, 'stsd');
    if (id === null || table === null || stsd === null || stsd.length < 8) continue;
    if (viewOf(stsd).getUint32(4) < 2) continue;
    const configs = [...boxesOf(stsd.subarray(8))].map(configOf);
    if (configs.length < 2 || configs.includes(null)) continue;
    const initial = initialOf(boxAt(moov, 'mvex'), id);
    tracks.set(id, {
      configs: configs.filter((config) => config !== null),
      runs: runsOf(boxAt(table, 'stsc'), boxAt(table, 'stco') ?? boxAt(table, 'co64')),
      initial: Math.min(initial, configs.length - 1),
    });
  }
  return tracks;
}

/** The description that each track fragment of a `moof` box names, by track ID. Tracks that use their default are missing. */
export function fragmentDescriptionsOf(moof: Uint8Array): Map<number, number> {
  const named = new Map<number, number>();
  for (const { name, bytes } of boxesOf(moof)) {
    if (name !== 'traf') continue;
    const header = boxAt(bytes, 'tfhd');
    if (header === null || header.length < 8) continue;
    const view = viewOf(header);
    const flags = view.getUint32(0) & 0xffffff;
    const at = 8 + ((flags & 1) !== 0 ? 8 : 0);
    if ((flags & 2) !== 0 && at + 4 <= header.length) named.set(view.getUint32(4), view.getUint32(at) - 1);
  }
  return named;
}

function initialOf(mvex: Uint8Array | null, id: number): number {
  for (const { name, bytes } of mvex === null ? [] : boxesOf(mvex)) {
    if (name !== 'trex' || bytes.length < 12) continue;
    const view = viewOf(bytes);
    if (view.getUint32(4) === id) return Math.max(0, view.getUint32(8) - 1);
  }
  return 0;
}

function runsOf(stsc: Uint8Array | null, offsets: Uint8Array | null): SampleDescriptions['runs'] {
  if (stsc === null || stsc.length < 8) return [];
  const view = viewOf(stsc);
  const chunks = offsets === null || offsets.length < 8 ? 0 : viewOf(offsets).getUint32(4);
  const entries = Math.min(view.getUint32(4), Math.floor((stsc.length - 8) / 12));
  const runs: { firstSample: number; description: number }[] = [];
  let firstSample = 0;
  for (let n = 0; n < entries; n++) {
    const at = 8 + n * 12;
    const first = view.getUint32(at) - 1;
    const next = n + 1 < entries ? view.getUint32(at + 12) - 1 : chunks;
    const description = view.getUint32(at + 8) - 1;
    if (runs.at(-1)?.description !== description) runs.push({ firstSample, description });
    firstSample += Math.max(0, next - first) * view.getUint32(at + 4);
  }
  return runs;
}

/** Bytes of a visual sample entry before its boxes. */
const VISUAL_ENTRY = 78;

/** The configuration of one sample entry, or null for an unsupported codec. */
function configOf({ name, bytes }: Box): VideoDecoderConfig | null {
  if (bytes.length < VISUAL_ENTRY) return null;
  const view = viewOf(bytes);
  const inside = bytes.subarray(VISUAL_ENTRY);
  const codec = codecOf(name, inside);
  if (codec === null) return null;
  const codedWidth = view.getUint16(24);
  const codedHeight = view.getUint16(26);
  const description = boxAt(inside, 'avcC') ?? boxAt(inside, 'hvcC');
  const pasp = boxAt(inside, 'pasp');
  const config = {
    codec,
    codedWidth,
    codedHeight,
    ...(description !== null && { description: description.slice() }),
  };
  if (pasp === null || pasp.length < 8) return config;
  const [across, down] = [viewOf(pasp).getUint32(0), viewOf(pasp).getUint32(4)];
  if (across === down || across === 0 || down === 0) return config;
  return {
    ...config,
    displayAspectWidth: Math.round((codedWidth * across) / down),
    displayAspectHeight: codedHeight,
  };
}

const hex = (value: number, digits = 2): string => value.toString(16).padStart(digits, '0');
const decimal = (value: number): string => String(value).padStart(2, '0');

/** @see {@link https://www.w3.org/TR/webcodecs-codec-registry/ | WebCodecs Codec Registry}, for the forms of the strings. */
function codecOf(name: string, inside: Uint8Array): string | null {
  const box =
    boxAt(inside, 'avcC') ?? boxAt(inside, 'hvcC') ?? boxAt(inside, 'vpcC') ?? boxAt(inside, 'av1C');
  if (name === 'vp08') return 'vp8';
  if (box === null || box.length < 4) return null;
  const [, second = 0, third = 0, fourth = 0] = box;
  switch (name) {
    case 'avc1':
    case 'avc3':
      return `${name}.${hex(second)}${hex(third)}${hex(fourth)}`;
    case 'hvc1':
    case 'hev1':
      return box.length < 13 ? null : `${name}.${hevcSuffix(box)}`;
    case 'vp09':
      return `vp09.${decimal(box[4] ?? 0)}.${decimal(box[5] ?? 0)}.${decimal((box[6] ?? 0) >> 4)}`;
    case 'av01': {
      const depth = (third & 0x40) === 0 ? 8 : (third & 0x20) === 0 ? 10 : 12;
      return `av01.${second >> 5}.${decimal(second & 31)}${(third & 0x80) === 0 ? 'M' : 'H'}.${decimal(depth)}`;
    }
    default:
      return null;
  }
}

/** Profile, compatibility, tier with level, and constraints. */
function hevcSuffix(hvcC: Uint8Array): string {
  const view = viewOf(hvcC);
  const general = hvcC[1] ?? 0;
  let compatibility = 0;
  for (let bit = 0, flags = view.getUint32(2); bit < 32; bit++) {
    compatibility = compatibility * 2 + ((flags >>> bit) & 1);
  }
  const space = ['', 'A', 'B', 'C'][general >> 6] ?? '';
  const tier = (general & 0x20) === 0 ? 'L' : 'H';
  const constraints = [...hvcC.subarray(6, 12)];
  while (constraints.at(-1) === 0) constraints.pop();
  const suffix = constraints.map((byte) => `.${byte.toString(16).toUpperCase()}`).join('');
  return `${space}${general & 31}.${compatibility.toString(16).toUpperCase()}.${tier}${hvcC[12] ?? 0}${suffix}`;
}
