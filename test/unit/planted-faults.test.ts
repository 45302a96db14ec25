/** Planted faults are found by symbol, in any formatting and file. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseFaults, planted } from '../mutations/list.mjs';

const root = mkdtempSync(join(tmpdir(), 'planted-faults-'));
mkdirSync(join(root, 'src'));
afterAll(() => rmSync(root, { recursive: true }));

const LIST = `# A comment

== src/gate.ts [unit/gate]

the gate stays open [unit/other unit/gate]
  Gate.#shut
- this.bolt(first, { hard: true });

the gate opens for all
  Gate.open
- key === this.key
+ true
`;

const GATE = `
export class Gate {
  open(key: string) { if (key === this.key) this.#shut(); return key === this.key && other(); }
  #shut() {
    this.bolt(first /* of two */, {
      hard: true,
    });
  }
}
`;

/** Plants the fault at a place of the list into a source folder. */
function plant(place: number, sources: Record<string, string>): { path: string; text: string } {
  for (const [name, text] of Object.entries(sources)) writeFileSync(join(root, 'src', name), text);
  try {
    const fault = parseFaults(LIST)[place];
    if (fault === undefined) throw new Error(`no fault ${place}`);
    return planted(root, fault);
  } finally {
    for (const name of Object.keys(sources)) rmSync(join(root, 'src', name));
  }
}

describe('a list of faults', () => {
  test('gives each fault its file, and the tests of its own or of its file', () => {
    expect(parseFaults(LIST)).toMatchObject([
      { file: 'src/gate.ts', symbol: 'Gate.#shut', put: '', tests: ['unit/other', 'unit/gate'] },
      { file: 'src/gate.ts', symbol: 'Gate.open', put: 'true', tests: ['unit/gate'] },
    ]);
  });

  test.each(['== a.ts [unit/a]\n\nwords alone', 'no tests\n  symbol\n- text'])('rejects %j', (list) => {
    expect(() => parseFaults(list)).toThrow(SyntaxError);
  });
});

describe('a planted fault', () => {
  test('replaces its text in another formatting, and nothing else', () => {
    expect(plant(0, { 'gate.ts': GATE }).text).toBe(GATE.replace(/this\.bolt[^;]*;/u, ''));
  });

  test('is found in the file that its symbol has moved to', () => {
    const { path } = plant(0, { 'gate.ts': 'export class Other {}', 'moved.ts': GATE });
    expect(path).toBe(join(root, 'src', 'moved.ts'));
  });

  test('is rejected if its text stands twice in its symbol', () => {
    expect(() => plant(1, { 'gate.ts': GATE })).toThrow('stands 2 times in Gate.open');
  });

  test('is rejected if its symbol is nowhere, or in two files', () => {
    expect(() => plant(0, { 'gate.ts': '' })).toThrow('in 0 other files');
    expect(() => plant(0, { 'one.ts': GATE, 'two.ts': GATE })).toThrow('in 2 other files');
  });
});
