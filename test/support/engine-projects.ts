/** A vitest project for each engine that is here, each with the same files: what runs inside it, and what drives the demo in it. */
import { playwright } from '@vitest/browser-playwright';
import type { TestProjectInlineConfiguration } from 'vitest/config';
import type { BrowserInstanceOption, BrowserProviderOption } from 'vitest/node';
import { firefoxOptions, webKitGtk } from './engines.mjs';
import type { EngineName } from './engine-facts.mjs';
import { chromium, inBrowser } from './in-browser.ts';
import { chosenSample } from './suite.mjs';
import { webKitGtkProvider } from './webkitgtk/provider.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Which engine the tests run in, or drive. */
    engine: EngineName;
  }
}

/** Tests that `npm test` runs in Chromium, and that hold in the other engines as they are. */
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

/** More of them that Firefox passes, and WebKitGTK does not (CONTRIBUTING, "Open issues"). */
const IN_FIREFOX = ['reader-cases', 'reader-edits'].map((name) => `test/browser/${name}.test.ts`);

const PORTS = { chromium: 63_316, firefox: 63_317, webkitgtk: 63_318 };

interface Engine {
  readonly name: EngineName;
  readonly browser: BrowserInstanceOption['browser'];
  readonly provider: BrowserProviderOption;
}

/** The engines that are installed here. */
function* enginesHere(): Generator<Engine> {
  yield { name: 'chromium', browser: 'chromium', provider: chromium };
  const launchOptions = firefoxOptions();
  if (launchOptions !== undefined)
    yield { name: 'firefox', browser: 'firefox', provider: playwright({ launchOptions }) };
  const programs = webKitGtk();
  if (programs !== undefined)
    yield { name: 'webkitgtk', browser: 'webkit', provider: webKitGtkProvider(programs) };
}

/** Two projects of an engine: tests that run inside it, such as `engines-firefox`, and tests that drive the demo in it, such as `demo-firefox`. */
interface EngineProjects {
  readonly inside: TestProjectInlineConfiguration;
  readonly driven: TestProjectInlineConfiguration;
}

/** The projects of every engine that is here. */
export const engineProjects = (): TestProjectInlineConfiguration[] =>
  [...enginesHere()].map(projectsOf).flatMap(({ inside, driven }) => [inside, driven]);

/** @throws `Error` if the engine is not here. */
export function projectsIn(name: EngineName): EngineProjects {
  const engine = [...enginesHere()].find((each) => each.name === name);
  if (engine === undefined) throw new Error(`there is no ${name}`);
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
      'test/engines/**/*.test.ts',
      ...(name === 'chromium' ? [] : ELSEWHERE),
      ...(name === 'firefox' ? IN_FIREFOX : []),
    ],
    setupFiles: ['./test/support/engines-setup.ts'],
    provide: { engine: name, sample: chosenSample() },
    // A port of its own, for the projects of a run start at the same time.
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
    // Pages under load.
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    provide: { engine: name },
  },
});
