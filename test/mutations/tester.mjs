// @ts-check
/** Runs tests against the copy, and notices when nothing more comes of them. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Without a word for so long, a test is in a loop without an end: after 30 s vitest ends all that can be ended. The rest
 * is for the start of a browser.
 */
const SILENCE_MS = 90_000;

const SESSION = fileURLToPath(new URL('session.mjs', import.meta.url));

/** What runs tests, and is started anew after a hang. */
export class Tester {
  /** @type {import('node:child_process').ChildProcess | null} */
  #session = null;
  #folder;
  #bail;

  /** @param {string} folder @param {{ bail: boolean }} options */
  constructor(folder, { bail }) {
    this.#folder = folder;
    this.#bail = bail;
  }

  /**
   * Runs tests after these files have changed; or the first of those that failed in the run before, alone.
   * @param {readonly string[]} changed @param {readonly string[] | 'the failed one'} tests
   * @returns {Promise<string[]>} Those that failed, or after which nothing came.
   */
  async run(changed, tests) {
    // After a hang there is nobody who knows which one it was.
    if (this.#session === null && tests === 'the failed one') return [];
    const session = await this.#started();
    /** @type {import('./session.mjs').Order} */
    const order = { changed, tests };
    return this.#answerOf(session, 'ran', () => session.send(order));
  }

  close() {
    this.#session?.kill('SIGKILL');
    this.#session = null;
  }

  async #started() {
    if (this.#session !== null) return this.#session;
    const session = fork(SESSION, [this.#folder, this.#bail ? 'bail' : 'all'], {
      cwd: this.#folder,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#session = session;
    const failed = await this.#answerOf(session, 'ready', () => {});
    if (failed.length > 0) throw new Error(`vitest did not start: ${failed.join(', ')}`);
    return session;
  }

  /**
   * @param {import('node:child_process').ChildProcess} session
   * @param {'ready' | 'ran'} kind
   * @param {() => void} ask
   * @returns {Promise<string[]>}
   */
  #answerOf(session, kind, ask) {
    return new Promise((resolve) => {
      let last = 'before any test began';
      /** @param {string[]} failed */
      const settle = (failed) => {
        clearTimeout(timer);
        session.off('message', onMessage);
        session.off('exit', onExit);
        resolve(failed);
      };
      const onExit = () => {
        this.#session = null;
        settle([`${last} (the process ended)`]);
      };
      const onSilence = () => {
        this.close();
        settle([`${last} (without an end)`]);
      };
      let timer = setTimeout(onSilence, SILENCE_MS);
      const onMessage = (/** @type {import('./session.mjs').Answer} */ answer) => {
        clearTimeout(timer);
        timer = setTimeout(onSilence, SILENCE_MS);
        if (answer.kind === 'began') last = answer.test;
        else if (answer.kind === kind) settle(answer.kind === 'ran' ? answer.failed : []);
      };
      session.on('message', onMessage);
      session.on('exit', onExit);
      ask();
    });
  }
}
