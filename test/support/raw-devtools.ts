/**
 * A browser over the raw DevTools protocol. Under Playwright a tab in the background says that it is visible; here a second
 * tab in front truly hides the first.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { browserArguments, requireBrowser } from './browser.mjs';

interface Answer {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** One browser and its connection, which is a pair of pipes: messages of JSON, each ended by a zero byte. */
export class RawBrowser {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #input: Writable;
  readonly #pending = new Map<
    number,
    { resolve(result: Record<string, unknown>): void; reject(e: Error): void }
  >();
  #id = 0;

  constructor() {
    this.#profile = mkdtempSync(join(tmpdir(), 'video-frame-pool-browser-'));
    const options = [...browserArguments, '--headless=new', '--remote-debugging-pipe'];
    this.#process = spawn(requireBrowser(), [...options, `--user-data-dir=${this.#profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    this.#input = this.#process.stdio[3] as Writable;
    this.#listen(this.#process.stdio[4] as Readable);
  }

  /** Sends a command, to the browser or to a tab. */
  send(method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#input.write(
        `${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`,
      );
    });
  }

  /** Opens a tab, in front. */
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

  #listen(output: Readable): void {
    let text = '';
    output.setEncoding('utf8');
    output.on('data', (piece: string) => {
      const messages = (text + piece).split('\0');
      text = messages.pop() ?? '';
      for (const message of messages) this.#take(JSON.parse(message) as Answer);
    });
  }

  #take({ id, result, error }: Answer): void {
    const pending = id === undefined ? undefined : this.#pending.get(id);
    if (id === undefined || pending === undefined) return;
    this.#pending.delete(id);
    if (error === undefined) pending.resolve(result ?? {});
    else pending.reject(new Error(error.message));
  }
}

/** A tab. */
export class RawTab {
  readonly #browser: RawBrowser;
  readonly #target: string;
  readonly #session: string;

  constructor(browser: RawBrowser, target: string, session: string) {
    this.#browser = browser;
    this.#target = target;
    this.#session = session;
  }

  /** Brings it in front of the others. */
  async show(): Promise<void> {
    await this.#browser.send('Target.activateTarget', { targetId: this.#target });
  }

  /** Freezes the page, so that none of its tasks run, or lets it go on. */
  async live(state: 'frozen' | 'active'): Promise<void> {
    await this.#browser.send('Page.setWebLifecycleState', { state }, this.#session);
  }

  /** Presses a key that writes something, as somebody does who has touched the page. */
  async press(text: string): Promise<void> {
    const key = { key: text, text, windowsVirtualKeyCode: text.toUpperCase().charCodeAt(0) };
    for (const type of ['keyDown', 'keyUp'])
      await this.#browser.send('Input.dispatchKeyEvent', { type, ...key }, this.#session);
  }

  /** What an expression comes to, awaited. */
  async evaluate(expression: string): Promise<unknown> {
    const params = { expression, awaitPromise: true, returnByValue: true };
    const answer = await this.#browser.send('Runtime.evaluate', params, this.#session);
    const { result, exceptionDetails } = answer as {
      result: { value?: unknown };
      exceptionDetails?: { text: string; exception?: { description?: string } };
    };
    if (exceptionDetails !== undefined) {
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    return result.value;
  }
}
