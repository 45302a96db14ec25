/** The `ts` blocks of the Markdown files that people read, each by its file, its heading and its place below that. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** `README.md › Bytes › 1` is the first block below that heading; the title's own blocks have no heading. */
export function snippetsIn(): Map<string, string> {
  const guides = existsSync(`${root}guides`)
    ? readdirSync(`${root}guides`, { recursive: true, encoding: 'utf8' })
    : [];
  const files = [
    'README.md',
    ...guides.filter((name) => name.endsWith('.md')).map((name) => `guides/${name}`),
  ];
  const found = new Map<string, string>();
  for (const file of files) {
    let heading = '';
    let count = 0;
    // Headings inside of blocks are none: each match is a whole block, or a heading outside of any.
    const parts = readFileSync(`${root}${file}`, 'utf8').matchAll(/^```(\w*)\n(.*?)^```$|^##+ ([^\n]+)$/gmsu);
    for (const [, language, code, title] of parts) {
      if (title !== undefined) {
        heading = `${title} › `;
        count = 0;
      } else if (language === 'ts' && code !== undefined) {
        found.set(`${file} › ${heading}${++count}`, code);
      }
    }
  }
  return found;
}
