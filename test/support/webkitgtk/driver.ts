/** Client of WebKitWebDriver and of the browser that it drives, over W3C's WebDriver protocol. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';

/** Pause between two attempts to reach the driver, and the maximum number of attempts. A busy machine takes seconds. */
const START_PAUSE_MS = 100;
const START_ATTEMPTS = 600;

/** Number of characters of the programs' last output that an error quotes. */
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

  /** Starts the programs at these paths. If that fails, no process is left running. */
  static async start(
    driver: string,
    browser: string,
    browserArguments: readonly string[],
    env: NodeJS.ProcessEnv,
  ): Promise<Driver> {
    const port = await freePort();
    const program = spawn(driver, [`--port=${port}`], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    const started = new Driver(program, port);
    try {
      await started.#listening();
      const args = ['--automation', ...browserArguments];
      const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': { binary: browser, args } } };
      const session = (await started.#ask('POST', '/session', { capabilities })) as { sessionId: string };
      started.#session = session.sessionId;
      return started;
    } catch (error) {
      program.kill();
      throw error;
    }
  }

  /** Opens a page, and waits until it is loaded. */
  async open(url: string): Promise<void> {
    await this.#ask('POST', `/session/${this.#session}/url`, { url });
  }

  /** Runs a function body in the page, and resolves to its return value. */
  async run(body: string, parameters: readonly unknown[]): Promise<unknown> {
    return this.#ask('POST', `/session/${this.#session}/execute/sync`, { script: body, args: parameters });
  }

  /** Clicks on the first element that matches a selector, as a mouse does. */
  async click(selector: string): Promise<void> {
    const session = `/session/${this.#session}`;
    const found = await this.#ask('POST', `${session}/element`, { using: 'css selector', value: selector });
    // The object's only property is the element's id, under a key that the protocol defines.
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

  /** Kills the driver immediately. */
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
    const sent = body === undefined ? null : JSON.stringify(body);
    const response = await fetch(this.#address + path, { method, body: sent });
    const { value } = (await response.json()) as { value: unknown };
    if (response.ok) return value;
    const { error, message } = value as { error: string; message: string };
    throw new Error(`WebKitWebDriver: ${method} ${path}: ${error}: ${message}\n${this.#said}`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
