// @ts-check
/**
 * The public surface as it was last reviewed: a report for each entry, in `test/surface/api`. Fails if the
 * declarations differ; with `--record`, as in `npm run api`, writes the new reports instead.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { repository } from './source.mjs';

/** The entries of the package, and the sources that they are made of. */
const ENTRIES = {
  core: 'index',
  media: 'media/index',
  testing: 'testing/index',
  webgpu: 'webgpu/index',
  worker: 'media/worker/bundled',
  'media-worker': 'media/worker/entry',
};

const recording = process.argv.includes('--record');
const reports = join(repository, 'test/surface/api');

/**
 * Declarations of its own, because the check needs no build. Inside the repository, because mediabunny's are found
 * there.
 */
mkdirSync(join(repository, '.vite'), { recursive: true });
const folder = mkdtempSync(join(repository, '.vite/api-'));
const compilerOptions = {
  target: 'es2022',
  module: 'esnext',
  moduleResolution: 'bundler',
  lib: ['es2022', 'dom', 'dom.iterable', 'dom.asynciterable'],
  strict: true,
  skipLibCheck: true,
  types: [],
};

/** This file decides what a report contains; docs.mjs checks the docs. */
const quiet = { default: { logLevel: /** @type {never} */ ('none') } };

/** @param {string} name @param {string} entry */
const configOf = (name, entry) =>
  ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(repository, 'package.json'),
    configObject: {
      projectFolder: repository,
      mainEntryPointFilePath: join(folder, `${entry}.d.ts`),
      compiler: { overrideTsconfig: { compilerOptions, files: [join(folder, `${entry}.d.ts`)] } },
      newlineKind: 'lf',
      apiReport: {
        enabled: true,
        reportFolder: reports,
        reportTempFolder: folder,
        reportFileName: `${name}.api.md`,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: /** @type {never} */ ('error') } },
        extractorMessageReporting: quiet,
        tsdocMessageReporting: quiet,
      },
    },
  });

/** @returns {string[]} */
function apiProblems() {
  const compiler = join(repository, 'node_modules/typescript/bin/tsc');
  const built = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', folder], {
    cwd: repository,
    encoding: 'utf8',
  });
  if (built.status !== 0) return [built.stdout];
  const configs = Object.entries(ENTRIES).map(([name, entry]) => configOf(name, entry));
  const [first, ...others] = configs;
  if (first === undefined) return ['no entries'];
  // One program for all: separate ones would read the platform's types again.
  const compilerState = CompilerState.create(first, {
    additionalEntryPoints: others.map(({ mainEntryPointFilePath }) => mainEntryPointFilePath),
  });
  /** @type {string[]} */
  const problems = [];
  for (const config of configs) {
    const { apiReportChanged, errorCount } = Extractor.invoke(config, {
      compilerState,
      localBuild: recording,
      messageCallback(message) {
        message.handled = true;
        if (message.logLevel === 'error') problems.push(message.text);
      },
    });
    if (!recording && (apiReportChanged || errorCount > 0)) {
      const name = basename(config.reportFilePath);
      const files = [config.reportFilePath, config.reportTempFilePath];
      const { stdout } = spawnSync('git', ['diff', '--no-index', '--', ...files], { encoding: 'utf8' });
      problems.push(
        `test/surface/api/${name}: the public surface has changed; if that is intended, run npm run api\n${stdout}`,
      );
    }
  }
  const known = Object.keys(ENTRIES).map((name) => `${name}.api.md`);
  for (const file of readdirSync(reports)) {
    if (!known.includes(file)) problems.push(`test/surface/api/${file}: belongs to no entry`);
  }
  return problems;
}

try {
  const problems = apiProblems();
  for (const problem of problems) console.log(problem);
  if (problems.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
