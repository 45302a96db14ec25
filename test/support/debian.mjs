// @ts-check
/** Debian packages that tests need: lists the missing ones, and installs them if that is allowed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';

/** Whether this is Debian or a derivative. */
export const isDebian = () => existsSync('/etc/debian_version');

/** Whether packages may be installed. */
export const mayInstall = () => isDebian() && process.getuid?.() === 0;

/**
 * The packages that are not installed, by dpkg.
 * @param {readonly string[]} packages
 */
export function missingPackages(packages) {
  const format = '-f=${binary:Package} ${db:Status-Status}\n';
  const { stdout } = spawnSync('dpkg-query', ['-W', format, ...packages], { encoding: 'utf8' });
  // A name may be followed by its architecture.
  const installed = (stdout ?? '').split('\n').map((line) => /^([^ :]+)\S* installed$/u.exec(line)?.[1]);
  return packages.filter((name) => !installed.includes(name));
}

/**
 * Installs packages. A failure is printed by apt-get, and a later check finds the packages missing.
 * @param {readonly string[]} packages
 */
export function installPackages(packages) {
  /** @type {import('node:child_process').ExecFileSyncOptions} */
  const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  console.log(`Installing Debian’s ${packages.join(', ')} (apt-get install) …`);
  try {
    execFileSync('apt-get', ['update', '-qq'], options);
    execFileSync('apt-get', ['install', '-y', '-qq', ...packages], options);
  } catch {
    // Printed by apt-get.
  }
}
