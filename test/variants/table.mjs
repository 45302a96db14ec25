// @ts-check
/** Table of accepted differences in guides/files.md. With `--write` it is written from differences.json; without, compared. */
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { markdownTable, repository, runDirectly, withPart } from '../surface/source.mjs';
import { acceptedDifferences } from './accepted.mjs';

const PATH = `${repository}/guides/files.md`;
const BEGIN = '<!-- variants: written by `npm run test:variants -- --write` -->';
const END = '<!-- variants end -->';

/** The guide with the table in it. */
function withTable() {
  const entries = acceptedDifferences();
  const aboutVideo = entries.filter(({ odd }) => !odd.every((name) => name === 'ffmpeg'));
  const aboutFfmpeg = entries.filter((entry) => !aboutVideo.includes(entry));
  /** @param {typeof entries} some @param {string} other */
  const table = (some, other) =>
    markdownTable([
      ['file', other, 'here', 'reason'],
      ...some.map(({ files, video, ours, reason }) => [files, video, ours, reason]),
    ]);
  const parts = [table(aboutVideo, '`<video>`')];
  if (aboutFfmpeg.length > 0) {
    parts.push('Files that ffmpeg (5.1) alone reads differently:', table(aboutFfmpeg, 'ffmpeg'));
  }
  return withPart(readFileSync(PATH, 'utf8'), BEGIN, END, parts.join('\n\n'));
}

export const writeTable = () => writeFileSync(PATH, withTable());

runDirectly(import.meta.url, () => {
  if (process.argv.includes('--write')) writeTable();
  return withTable() === readFileSync(PATH, 'utf8')
    ? []
    : ['the table of guides/files.md differs from differences.json: add --write to write it'];
});
