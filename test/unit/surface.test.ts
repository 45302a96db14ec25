/** The checks of the source find the problems that they are made for. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { dependencyProblems } from '../surface/dependencies.mjs';
import { idiomsIn } from '../surface/idioms.mjs';
import { proseOf } from '../surface/prose.mjs';
import { unsafeUses } from '../surface/unsafe.mjs';

const folder = mkdtempSync(join(tmpdir(), 'surface-'));
const file = join(folder, 'file.ts');
afterAll(() => rmSync(folder, { recursive: true }));

const usesOf = (code: string, options = {}): string[] => {
  writeFileSync(file, code);
  return unsafeUses(file, options).map((use) => use.replace(/^.*file\.ts:/u, ''));
};

describe('code that is made of a text', () => {
  test.each([
    ['eval("1")', 'calls eval()'],
    ['globalThis.eval(text)', 'calls eval()'],
    ['new Function("return 1")', 'calls Function()'],
    ['Function(text)()', 'calls Function()'],
    ["window['Function'](text)", 'calls Function()'],
    ['setTimeout("go()", 1)', 'passes a text to setTimeout() to run'],
    ['setInterval(`${go}()`, 1)', 'passes a text to setInterval() to run'],
    ['importScripts(address)', 'calls importScripts()'],
    ['await import(address)', 'imports a module by an address that is made at run time'],
    ['await import(`./${name}.js`)', 'imports a module by an address that is made at run time'],
    ['element.innerHTML = text', 'sets innerHTML'],
    ["element['outerHTML'] += text", 'sets outerHTML'],
    ['frame.srcdoc = text', 'sets srcdoc'],
    ['element.insertAdjacentHTML("beforeend", text)', 'calls insertAdjacentHTML()'],
    ['document.write(text)', 'calls write()'],
    ['new DOMParser().parseFromString(text, "text/html")', 'calls parseFromString()'],
    ['new Worker(address)', 'makes a Worker'],
    ['new SharedWorker(address)', 'makes a SharedWorker'],
  ])('is found in %s', (code, problem) => {
    expect(usesOf(`const before = 1;\n${code};\n`)).toEqual([`2: ${problem}`]);
  });

  test.each([
    'setTimeout(() => go(), 1)',
    'await import("./other.ts")',
    'await writer.write(chunk)',
    'element.textContent = text',
    'clock.setTimeout(go, 1)',
    '// eval("1")',
  ])('is not found in %s', (code) => {
    expect(usesOf(code)).toEqual([]);
  });

  test('is found in a worker of the demo, unless its policy has checked the address', () => {
    const demo = { mayHaveWorkers: true };
    expect(usesOf('new Worker(ownScript(address))', demo)).toEqual([]);
    expect(usesOf('new Worker(address)', demo)).toEqual(['1: makes a Worker']);
    expect(usesOf('new Worker(ownScript(address))')).toEqual(['1: makes a Worker']);
  });
});

describe('prose', () => {
  const proseIn = (text: string): readonly [kind: string, line: number, text: string][] => {
    writeFileSync(file, text);
    return proseOf(file).map(({ kind, line, text: words }) => [kind, line, words.trim()]);
  };

  test('is the comments of a file, and its strings of three words or more', () => {
    const text =
      "// One comment\n// of two lines\n\n/** Another. */\nf('two words', 'these three words', `a ${b} c d ef gh ij`);";
    expect(proseIn(text)).toEqual([
      ['comments', 1, 'One comment  of two lines'],
      ['comments', 4, 'Another.'],
      ['strings', 5, 'these three words'],
      ['strings', 5, 'a … c d ef gh ij'],
    ]);
  });

  test.each([
    ['Who', ' waits gets a slot.'],
    ['The error names the', ' one that holds.'],
    ['It returns null,', ' where there is no room.'],
    ['A listener is to', 'ld at once.'],
    ['A frame is let', ' go.'],
  ])('has an idiom in "%s%s"', (begin, end) => {
    expect(idiomsIn(begin + end)).toHaveLength(1);
  });

  test.each([
    'Callers who wait get a slot.',
    'Who owns the frame?',
    'A reader cannot tell the two apart.',
    'See the page, where the file is.',
    'It decides what is drawn.',
  ])('has no idiom in "%s"', (text) => {
    expect(idiomsIn(text)).toEqual([]);
  });
});

describe('dependencies', () => {
  const locked = { version: '1.2.3', integrity: 'sha512-abc' };
  const problemsOf = (manifest: object, entry: object = {}, lock: object = {}): string[] => {
    const { devDependencies = { tool: '1.2.3' }, ...others }: { devDependencies?: Record<string, string> } =
      manifest;
    const packages = { '': { devDependencies }, 'node_modules/tool': { ...locked, ...entry } };
    return dependencyProblems({ devDependencies, ...others }, { lockfileVersion: 3, packages, ...lock });
  };

  test('that are exact, locked with a hash and run nothing are accepted', () => {
    expect(problemsOf({})).toEqual([]);
    expect(problemsOf({}, { resolved: 'https://registry.npmjs.org/tool/-/tool-1.2.3.tgz' })).toEqual([]);
  });

  test.each<[what: string, problems: string[]]>([
    ['of a range', problemsOf({ devDependencies: { tool: '^1.2.3' } })],
    ['of the latest version', problemsOf({ devDependencies: { tool: 'latest' } })],
    ['of the package itself', problemsOf({ dependencies: { other: '1.0.0' } })],
    ['that is optional', problemsOf({ optionalDependencies: { other: '1.0.0' } })],
    ['with an own script at the installation', problemsOf({ scripts: { postinstall: 'node x' } })],
    ['with a script at the installation', problemsOf({}, { hasInstallScript: true })],
    ['without a hash', problemsOf({}, { integrity: undefined })],
    ['with a weak hash', problemsOf({}, { integrity: 'sha1-abc' })],
    ['from elsewhere', problemsOf({}, { resolved: 'git+ssh://git@host/tool.git' })],
    ['that is a folder', problemsOf({}, { link: true })],
    ['of another version than the locked one', problemsOf({}, { version: '1.2.4' })],
    [
      'in a lock of another package.json',
      problemsOf({}, {}, { packages: { '': {}, 'node_modules/tool': locked } }),
    ],
    ['in an old lock format', problemsOf({}, {}, { lockfileVersion: 1 })],
  ])('%s are found', (_, problems) => {
    expect(problems.length).toBeGreaterThan(0);
  });
});
