/**
 * Browser over the raw DevTools protocol. Under Playwright a background tab reports that it is visible. Here a second tab in
 * front really hides the first.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { expect } from 'vitest';
import { browserArguments, requireBrowser } from './browser.mjs';

interface Answer {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** A busy machine is slow to load a page, or to bring a tab to the front. */
const PATIENCE = { timeout: 60_000 };

/** A browser and its connection, which is a pair of pipes with JSON messages, each ended by a zero byte. */
export class RawBrowser {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #input: Writable;
  readonly #pending = new Map<number, (answer: Answer) => void>();
  #id = 0;

  constructor() {
    this.#profile = mkdtempSync(join(tmpdir(), 'video-frame-pool-browser-'));
    const options = [...browserArguments, '--headless=new', '--remote-debugging-pipe'];
    this.#process = spawn(requireBrowser(), [...options, `--user-data-dir=${this.#profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    this.#input = this.#process.stdio[3] as Writable;
    const output = this.#process.stdio[4] as Readable;
    let text = '';
    output.setEncoding('utf8').on('data', (piece: string) => {
      const messages = (text + piece).split('\0');
      text = messages.pop() ?? '';
      for (const answer of messages.map((message) => JSON.parse(message) as Answer)) {
        this.#pending.get(answer.id ?? NaN)?.(answer);
        this.#pending.delete(answer.id ?? NaN);
      }
    });
  }

  /** Sends a command to the browser or to a tab. */
  send(method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, ({ result = {}, error }) => {
        if (error === undefined) resolve(result);
        else reject(new Error(error.message));
      });
      this.#input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  /** Opens a tab in front. */
  async open(url: string): Promise<RawTab> {
    const { targetId } = await this.send('Target.createTarget', { url });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    return new RawTab(this, String(targetId), String(sessionId));
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    await this.send('Browser.close');
    await ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

export class RawTab {
  readonly #browser: RawBrowser;
  readonly #target: string;
  readonly #session: string;

  constructor(browser: RawBrowser, target: string, session: string) {
    this.#browser = browser;
    this.#target = target;
    this.#session = session;
  }

  /** Brings the tab to the front. */
  async show(): Promise<void> {
    await this.#browser.send('Target.activateTarget', { targetId: this.#target });
    await this.reads('document.visibilityState', 'visible');
  }

  /** Opens another tab in front of this one. */
  async hide(): Promise<void> {
    await (await this.#browser.open('about:blank')).show();
    await this.reads('document.visibilityState', 'hidden');
  }

  /** Freezes the page, so that none of its tasks run, or resumes it. */
  async live(state: 'frozen' | 'active'): Promise<void> {
    await this.#browser.send('Page.setWebLifecycleState', { state }, this.#session);
  }

  /** Presses a key that inserts text, which counts as a user activation of the page. */
  async press(text: string): Promise<void> {
    const key = { key: text, text, windowsVirtualKeyCode: text.toUpperCase().charCodeAt(0) };
    for (const type of ['keyDown', 'keyUp'])
      await this.#browser.send('Input.dispatchKeyEvent', { type, ...key }, this.#session);
  }

  /** Evaluates an expression and awaits its value. */
  async evaluate(expression: string): Promise<unknown> {
    const params = { expression, awaitPromise: true, returnByValue: true };
    const answer = await this.#browser.send('Runtime.evaluate', params, this.#session);
    const { result, exceptionDetails } = answer as {
      result: { value?: unknown };
      exceptionDetails?: { text: string; exception?: { description?: string } };
    };
    if (exceptionDetails !== undefined)
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Waits until an expression has a value. */
  async reads(expression: string, value: unknown): Promise<void> {
    await expect.poll(() => this.evaluate(expression), { ...PATIENCE, message: expression }).toEqual(value);
  }
}
