/**
 * Vitest projects of each installed engine, each with the same files: tests that run inside the engine, and tests that drive the
 * demo in it.
 */
import { playwright } from '@vitest/browser-playwright';
import type { TestProjectInlineConfiguration } from 'vitest/config';
import type { BrowserInstanceOption, BrowserProviderOption } from 'vitest/node';
import { firefoxOptions, webKitGtk } from './engines.mjs';
import type { EngineName } from './engine-facts.mjs';
import { chromium, inBrowser } from './in-browser.ts';
import { chosenSample, chosenSuite, filesOf } from './suite.mjs';
import { webKitGtkProvider } from './webkitgtk/provider.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The engine that the tests run in, or drive. */
    engine: EngineName;
  }
}

/** Tests that `npm test` runs in Chromium, and that also pass in the other engines without changes. */
const ELSEWHERE = [
  'decode-account',
  'faults-buffers',
  'faults-writer',
  'random-*',
  'tainted',
  'writer-contract',
  'writer-faults',
  'writer-samples',
  'writer-silence',
  'writer-sizes',
].map((name) => `test/browser/${name}.test.ts`);

/** Further tests that pass in Firefox, and not in WebKitGTK (CONTRIBUTING, "Open issues"). */
const IN_FIREFOX = ['reader-cases', 'reader-edits'].map((name) => `test/browser/${name}.test.ts`);

const PORTS = { chromium: 63_316, firefox: 63_317, webkitgtk: 63_318 };

interface Engine {
  readonly name: EngineName;
  readonly browser: BrowserInstanceOption['browser'];
  readonly provider: BrowserProviderOption;
}

/** The engines that are installed on this machine. */
function* enginesHere(): Generator<Engine> {
  yield { name: 'chromium', browser: 'chromium', provider: chromium };
  const launchOptions = firefoxOptions();
  if (launchOptions !== undefined)
    yield { name: 'firefox', browser: 'firefox', provider: playwright({ launchOptions }) };
  const programs = webKitGtk();
  if (programs !== undefined)
    yield { name: 'webkitgtk', browser: 'webkit', provider: webKitGtkProvider(programs) };
}

/**
 * Two projects of an engine: tests that run inside it, such as `engines-firefox`, and tests that drive the demo in it, such as
 * `demo-firefox`.
 */
interface EngineProjects {
  readonly inside: TestProjectInlineConfiguration;
  readonly driven: TestProjectInlineConfiguration;
}

/** The projects of every installed engine. */
export const engineProjects = (): TestProjectInlineConfiguration[] =>
  [...enginesHere()].map(projectsOf).flatMap(({ inside, driven }) => [inside, driven]);

/** @throws `Error` if the engine is not installed. */
export function projectsIn(name: EngineName): EngineProjects {
  const engine = [...enginesHere()].find((each) => each.name === name);
  if (engine === undefined) throw new Error(`${name} is missing`);
  return projectsOf(engine);
}

const projectsOf = (engine: Engine): EngineProjects => ({ inside: inside(engine), driven: driven(engine) });

const inside = ({ name, browser, provider }: Engine): TestProjectInlineConfiguration => ({
  ...inBrowser,
  // WebKitGTK cannot parse `using`.
  oxc: { target: 'es2022' },
  test: {
    ...inBrowser.test,
    name: `engines-${name}`,
    include: [
      ...filesOf('engines'),
      ...(name === 'chromium' ? [] : ELSEWHERE),
      ...(name === 'firefox' ? IN_FIREFOX : []),
    ],
    setupFiles: ['./test/support/engines-setup.ts'],
    // Only Chromium takes all kinds of decoders: they differ in what `LimitedVideoDecoder` adds to the engine's own decoder.
    provide: { engine: name, sample: chosenSample(), suite: name === 'chromium' ? chosenSuite() : 'quick' },
    // Each project has its own port, because the projects of a run start at the same time.
    browser: {
      ...inBrowser.test.browser,
      api: { port: PORTS[name] },
      provider,
      instances: [{ browser, name: `engines (${name})` }],
    },
  },
});

const driven = ({ name }: Engine): TestProjectInlineConfiguration => ({
  test: {
    name: `demo-${name}`,
    include: ['test/demo-engines/**/*.test.ts'],
    globalSetup: ['./test/demo/serve.ts'],
    // Long, because pages are slow under load.
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    provide: { engine: name },
  },
});
