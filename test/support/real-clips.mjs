// @ts-check
/**
 * Real clips beside the project, if there are any: a folder with a MANIFEST.tsv that lists a bare decoder's
 * results for the first packets of each. The project needs none of them.
 */
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} RealClip
 * @property {string} file
 * @property {string} url Its address at vite.
 * @property {number} packets Number of decoded packets.
 * @property {number} frames Number of their frames.
 * @property {string} sizes Display sizes in order, as `WxH*count`.
 * @property {number} first Timestamp of the first frame, in µs.
 * @property {number} last Timestamp of the last frame, in µs.
 * @property {string} error The error instead, or an empty string.
 */

const folder =
  process.env['VFP_REAL_CLIPS'] ?? fileURLToPath(new URL('../../../shared/media', import.meta.url));

/** @returns {RealClip[]} The clips; none without the folder. */
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
