// @ts-check
/** Runs tests against the copy, and detects hangs. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Without an event for this long, a test is in an endless loop: after 60 s vitest ends every test that can be
 * ended. The rest is for the start of a browser on a busy machine.
 */
const SILENCE_MS = 150_000;

/** A browser that fails to start this often will not start. */
const MAX_STARTS = 3;

const SESSION = fileURLToPath(new URL('session.mjs', import.meta.url));

/** Runner of tests, which is restarted after a hang. */
export class Tester {
  /** @type {import('node:child_process').ChildProcess | null} */
  #session = null;
  #folder;
  #bail;
  /** @type {string[]} */
  #changed = [];

  /** @param {string} folder @param {{ bail: boolean }} options */
  constructor(folder, { bail }) {
    this.#folder = folder;
    this.#bail = bail;
  }

  /**
   * Runs tests after these files have changed.
   * @param {readonly string[]} changed @param {readonly string[]} tests
   * @returns {Promise<string[]>} The failed tests, and tests that hung.
   */
  run(changed, tests) {
    return this.#ask({ changed: [...this.#changed.splice(0), ...changed], tests });
  }

  /**
   * Runs the first failed test of the previous run once more, alone; after a hang, all of them.
   * @param {readonly string[]} changed @param {readonly string[]} tests
   * @returns {Promise<string[]>}
   */
  again(changed, tests) {
    return this.#ask({ changed, tests: this.#session === null ? tests : 'the failed one' });
  }

  /** Records a file that has changed since the last run. @param {string} path */
  changed(path) {
    this.#changed.push(path);
  }

  close() {
    this.#session?.kill('SIGKILL');
    this.#session = null;
  }

  /**
   * @param {import('./session.mjs').Order} order
   * @returns {Promise<string[]>}
   */
  async #ask(order) {
    for (let start = 0; start < MAX_STARTS; start++) {
      const session = this.#session ?? this.#start();
      const failed = await this.#answerOf(session, () => session.send(order));
      if (failed !== null) return failed;
    }
    throw new Error('no test runs: vitest or the browser does not start');
  }

  #start() {
    const session = fork(SESSION, [this.#folder, this.#bail ? 'bail' : 'all'], {
      cwd: this.#folder,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#session = session;
    return session;
  }

  /**
   * @param {import('node:child_process').ChildProcess} session
   * @param {() => void} ask
   * @returns {Promise<string[] | null>} Null if the session ended before any test of a file began.
   */
  #answerOf(session, ask) {
    return new Promise((resolve) => {
      /** @type {string | null} */
      let last = null;
      /** @param {string[] | null} failed */
      const settle = (failed) => {
        clearTimeout(timer);
        session.off('message', onMessage);
        session.off('exit', onExit);
        resolve(failed);
      };
      const onExit = () => {
        this.#session = null;
        settle(last === null ? null : [`${last} (the process ended)`]);
      };
      const onSilence = () => {
        this.close();
        settle(last === null ? null : [`${last} (without an end)`]);
      };
      let timer = setTimeout(onSilence, SILENCE_MS);
      const onMessage = (/** @type {import('./session.mjs').Answer} */ answer) => {
        clearTimeout(timer);
        timer = setTimeout(onSilence, SILENCE_MS);
        if (answer.kind === 'opens') last = null;
        else if (answer.kind === 'began') last = answer.test;
        else if (answer.kind === 'ran') settle(answer.failed);
      };
      session.on('message', onMessage);
      session.on('exit', onExit);
      ask();
    });
  }
}
