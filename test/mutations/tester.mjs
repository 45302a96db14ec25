// @ts-check
/** Runs tests against the copy, and notices when nothing more comes of them. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Without a word for so long, a test is in a loop without an end: after 60 s vitest ends all that can be ended. The rest
 * is for the start of a browser on a busy machine.
 */
const SILENCE_MS = 150_000;

/** A browser that does not start so often never will. */
const MAX_STARTS = 3;

const SESSION = fileURLToPath(new URL('session.mjs', import.meta.url));

/** What runs tests, and is started anew after a hang. */
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
   * @returns {Promise<string[]>} Those that failed, or after which nothing came.
   */
  run(changed, tests) {
    return this.#ask({ changed: [...this.#changed.splice(0), ...changed], tests });
  }

  /**
   * Runs the first that failed in the run before once more, alone; after a hang, when nobody knows any more, all of them.
   * @param {readonly string[]} changed @param {readonly string[]} tests
   * @returns {Promise<string[]>}
   */
  again(changed, tests) {
    return this.#ask({ changed, tests: this.#session === null ? tests : 'the failed one' });
  }

  /** Notes a file that has changed since the last run. @param {string} path */
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
    throw new Error('no test gets to run: vitest or the browser does not start');
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
   * @returns {Promise<string[] | null>} Null where the session ended before any test of a file began.
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
