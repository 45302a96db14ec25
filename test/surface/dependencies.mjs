// @ts-check
/**
 * Installed packages are the reviewed ones: exact versions, a lock that has each archive's hash, and no script
 * that runs at the installation.
 */
import { readFileSync } from 'node:fs';
import { repository, runDirectly } from './source.mjs';

/** @typedef {Record<string, string>} Versions */
/** @typedef {{ version?: string, resolved?: string, integrity?: string, link?: boolean, hasInstallScript?: boolean } & Manifest} Locked */
/** @typedef {{ dependencies?: Versions, optionalDependencies?: Versions, devDependencies?: Versions, scripts?: Versions }} Manifest */

/** A version, or one of a package that is installed under another name. */
const EXACT = /^(?:npm:(?:@[\w-]+\/)?[\w.-]+@)?(\d+\.\d+\.\d+)$/u;
const REGISTRY = 'https://registry.npmjs.org/';

/** npm runs them by itself when the package is installed. */
const RUN_BY_INSTALLING = /^(?:pre|post)?(?:install|prepare)$|^prepublish$/u;

/** @param {Manifest} manifest @returns {string[]} */
function manifestProblems({
  dependencies = {},
  optionalDependencies = {},
  devDependencies = {},
  scripts = {},
}) {
  const run = { ...dependencies, ...optionalDependencies };
  return [
    ...Object.keys(run).map((name) => `package.json: ${name} would be installed with the package`),
    ...Object.entries(devDependencies)
      .filter(([, version]) => !EXACT.test(version))
      .map(([name, version]) => `package.json: ${name} must be pinned to one version, got ${version}`),
    ...Object.keys(scripts)
      .filter((name) => RUN_BY_INSTALLING.test(name))
      .map((name) => `package.json: the script ${name} runs at the installation`),
  ];
}

/** @param {string} path @param {Locked} locked @returns {string[]} */
function lockedProblems(path, { version, resolved, integrity, link, hasInstallScript }) {
  const problems = [];
  if (link === true || version === undefined) problems.push('is no archive');
  if (integrity?.startsWith('sha512-') !== true) problems.push('has no hash (sha512)');
  // Omitted for the registry's own address.
  if (resolved !== undefined && !resolved.startsWith(REGISTRY)) problems.push(`comes from ${resolved}`);
  if (hasInstallScript === true) problems.push('runs a script when it is installed');
  return problems.map((problem) => `package-lock.json: ${path} ${problem}`);
}

/**
 * @param {Manifest} manifest package.json
 * @param {{ lockfileVersion: number, packages: Record<string, Locked> }} lock package-lock.json
 * @returns {string[]}
 */
export function dependencyProblems(manifest, { lockfileVersion, packages }) {
  const { '': root = {}, ...others } = packages;
  const problems = manifestProblems(manifest);
  if (lockfileVersion !== 3) problems.push(`package-lock.json: must be of version 3, got ${lockfileVersion}`);
  if (JSON.stringify(root.devDependencies) !== JSON.stringify(manifest.devDependencies))
    problems.push('package-lock.json: is of another package.json');
  for (const [path, locked] of Object.entries(others)) problems.push(...lockedProblems(path, locked));
  for (const [name, version] of Object.entries(manifest.devDependencies ?? {})) {
    const locked = others[`node_modules/${name}`]?.version;
    if (locked !== EXACT.exec(version)?.[1])
      problems.push(`package-lock.json: ${name} is ${locked ?? 'missing'}, not ${version}`);
  }
  return problems;
}

/** @param {string} file @returns {unknown} */
const read = (file) => JSON.parse(readFileSync(`${repository}/${file}`, 'utf8'));

runDirectly(import.meta.url, () =>
  dependencyProblems(
    /** @type {Manifest} */ (read('package.json')),
    /** @type {{ lockfileVersion: number, packages: Record<string, Locked> }} */ (read('package-lock.json')),
  ),
);
