/** WebKitWebDriver, and one browser that it drives, by W3C's WebDriver protocol. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

/** How to start them. */
export interface DriverOptions {
  /** WebKitWebDriver's path. */
  readonly driver: string;
  /** MiniBrowser's path. */
  readonly browser: string;
  readonly browserArguments: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

interface Answer {
  readonly value: unknown;
}

/** How often to ask whether the driver listens, and how long to wait in between. */
const START_ATTEMPTS = 100;
const START_PAUSE_MS = 100;

/** What the programs said last is told with an error: so many characters of it. */
const LAST_WORDS = 2000;

/** A driver with its browser. */
export class Driver {
  readonly #process: ChildProcess;
  readonly #address: string;
  #session = '';
  #said = '';

  private constructor(program: ChildProcess, port: number) {
    this.#process = program;
    this.#address = `http://127.0.0.1:${port}`;
    program.stderr?.setEncoding('utf8');
    program.stderr?.on('data', (text: string) => (this.#said = (this.#said + text).slice(-LAST_WORDS)));
  }

  /** Starts both. Nothing is left running where that fails. */
  static async start({ driver, browser, browserArguments, environment }: DriverOptions): Promise<Driver> {
    const port = await freePort();
    const stdio = ['ignore', 'ignore', 'pipe'] as const;
    const program = spawn(driver, [`--port=${port}`], { env: environment, stdio: [...stdio] });
    const started = new Driver(program, port);
    try {
      await started.#listening();
      const args = ['--automation', ...browserArguments];
      const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': { binary: browser, args } } };
      const { sessionId } = (await started.#ask('POST', '/session', { capabilities })) as {
        sessionId: string;
      };
      started.#session = sessionId;
      return started;
    } catch (error) {
      program.kill();
      throw error;
    }
  }

  /** Shows a page, and waits until it is loaded. */
  async open(url: string): Promise<void> {
    await this.#ask('POST', `/session/${this.#session}/url`, { url });
  }

  /** Runs the body of a function in the page, and gives what it returns. */
  async run(body: string, parameters: readonly unknown[]): Promise<unknown> {
    return this.#ask('POST', `/session/${this.#session}/execute/sync`, { script: body, args: parameters });
  }

  /** Clicks on the first element of a selector, as a mouse does. */
  async click(selector: string): Promise<void> {
    const session = `/session/${this.#session}`;
    const found = await this.#ask('POST', `${session}/element`, { using: 'css selector', value: selector });
    // Its one property has the element's name, under a key that the protocol fixes.
    const [name] = Object.values(found as Record<string, string>);
    await this.#ask('POST', `${session}/element/${name}/click`, {});
  }

  /** Ends browser and driver. */
  async close(): Promise<void> {
    try {
      await this.#ask('DELETE', `/session/${this.#session}`);
    } finally {
      this.#process.kill();
    }
  }

  /** Ends the driver at once. */
  kill(): void {
    this.#process.kill();
  }

  async #listening(): Promise<void> {
    let failure: Error | null = null;
    this.#process.once('error', (error) => (failure = error));
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#ask('GET', '/status');
        return;
      } catch (error) {
        if (failure !== null) throw failure;
        if (attempt === START_ATTEMPTS || this.#process.exitCode !== null) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, START_PAUSE_MS));
    }
  }

  async #ask(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(this.#address + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { value } = (await response.json()) as Answer;
    if (response.ok) return value;
    const { error, message } = value as { error: string; message: string };
    throw new Error(`WebKitWebDriver: ${method} ${path}: ${error}: ${message}\n${this.#said}`);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('no port'));
      });
    });
  });
}
