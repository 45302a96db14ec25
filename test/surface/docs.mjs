// @ts-check
/**
 * Every public symbol has a doc comment: what the entry points export, and the members of that. The reports of the public surface
 * mark those without, and `api.mjs` proves that the reports are those of the sources.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { filesUnder, repository, runDirectly } from './source.mjs';

/** The mark of api-extractor, in the line before the symbol. */
const UNDOCUMENTED = /^ *\/\/ (?!.*@internal).*\(undocumented\)/u;

runDirectly(import.meta.url, () =>
  filesUnder(`${repository}/test/surface/api`, /\.api\.md$/u).flatMap((file) => {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.flatMap((line, index) =>
      UNDOCUMENTED.test(line)
        ? [`${relative(repository, file)}: ${lines[index + 1]?.trim()} has no doc comment`]
        : [],
    );
  }),
);
