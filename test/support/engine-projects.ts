/** A vitest project for each engine that is here: the same files in all of them. */
import { userInfo } from 'node:os';
import process from 'node:process';
import { playwright } from '@vitest/browser-playwright';
import type { TestProjectInlineConfiguration } from 'vitest/config';
import type { BrowserInstanceOption, BrowserProviderOption } from 'vitest/node';
import { firefoxPath, webKitGtk } from './engines.mjs';
import { webKitGtkProvider } from './webkitgtk/provider.ts';

interface Engine {
  readonly name: string;
  readonly browser: BrowserInstanceOption['browser'];
  readonly provider: BrowserProviderOption;
  readonly exclude?: string[];
}

function firefox(executablePath: string): Engine {
  const provider = playwright({
    launchOptions: {
      // Firefox as it is, not Playwright's.
      channel: 'moz-firefox',
      executablePath,
      // It does not start in a home that is somebody else's, as root's is in some CI.
      env: { ...process.env, HOME: userInfo().homedir },
      // `TestUtils.gc()` forces a collection.
      firefoxUserPrefs: { 'dom.testing.testutils.enabled': true },
    },
  });
  return { name: 'firefox', browser: 'firefox', provider };
}

/** The projects, `engines-chromium` and so on, each with what all projects in browsers share. */
export function engineProjects(
  chromium: BrowserProviderOption,
  shared: TestProjectInlineConfiguration,
): TestProjectInlineConfiguration[] {
  const firefoxProgram = firefoxPath();
  const webKitPrograms = webKitGtk();
  const engines: Engine[] = [{ name: 'chromium', browser: 'chromium', provider: chromium }];
  if (firefoxProgram !== undefined) engines.push(firefox(firefoxProgram));
  if (webKitPrograms !== undefined) {
    const provider = webKitGtkProvider(webKitPrograms);
    // WebKitGTK's collection cannot be forced.
    engines.push({ name: 'webkitgtk', browser: 'webkit', provider, exclude: ['test/engines/net.test.ts'] });
  }
  return engines.map(({ name, browser, provider, exclude = [] }) => ({
    ...shared,
    // WebKitGTK cannot parse `using`.
    oxc: { target: 'es2022' },
    test: {
      ...shared.test,
      name: `engines-${name}`,
      include: ['test/engines/**/*.test.ts'],
      exclude,
      setupFiles: ['./test/support/engines-setup.ts'],
      browser: { ...shared.test?.browser, provider, instances: [{ browser, name: `engines (${name})` }] },
    },
  }));
}
