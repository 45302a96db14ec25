// @ts-check
/**
 * Real clips beside the project, if there are any: a folder with a MANIFEST.tsv that lists what a bare decoder makes of the
 * first packets of each. The project needs none of them.
 */
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} RealClip
 * @property {string} file
 * @property {string} url Where vite serves it.
 * @property {number} packets How many packets were decoded.
 * @property {number} frames How many frames came out.
 * @property {string} sizes Display sizes in order, as `WxH*count`.
 * @property {number} first Timestamp of the first frame, in µs.
 * @property {number} last Timestamp of the last frame, in µs.
 * @property {string} error What went wrong instead, or nothing.
 */

const folder =
  process.env['VFP_REAL_CLIPS'] ?? fileURLToPath(new URL('../../../shared/media', import.meta.url));

/** @returns {RealClip[]} The clips, or none if there is no folder. */
export function realClips() {
  const manifest = `${folder}/MANIFEST.tsv`;
  if (!existsSync(manifest)) return [];
  const [head = '', ...rows] = readFileSync(manifest, 'utf8').trim().split('\n');
  const names = head.split('\t');
  return rows.map((row) => {
    const cells = row.split('\t');
    const cell = (/** @type {string} */ name) => cells[names.indexOf(name)] ?? '';
    return {
      file: cell('file'),
      url: `/@fs${folder}/${cell('file')}`,
      packets: Number(cell('packets')),
      frames: Number(cell('chromium_frames')),
      sizes: cell('display_sizes'),
      first: Number(cell('first_us')),
      last: Number(cell('last_us')),
      error: cell('chromium_error').trim(),
    };
  });
}
