/**
 * Vite configuration: builds the package (`--mode package`, then `--mode worker`) and, without a mode, the demo as a
 * static site that works from any sub-path.
 */
import type { Plugin } from 'vite';
import { defineConfig } from 'vite';

/**
 * Build of the package, with one output module per source file. Bundlers drop unused code by module; from a large
 * module they keep much of the code next to the used export. The type declarations are written next to the modules.
 */
const packageBuild = {
  lib: {
    entry: [
      'src/index.ts',
      'src/media/index.ts',
      'src/testing/index.ts',
      'src/webgpu/index.ts',
      // For workers that an app bundles with its own copy of mediabunny.
      'src/media/worker/entry.ts',
    ],
    formats: ['es' as const],
  },
  // The output must parse in engines without `using`.
  target: 'es2022',
  minify: false,
  sourcemap: true,
  rolldownOptions: {
    external: ['mediabunny'],
    output: { preserveModules: true, preserveModulesRoot: 'src', entryFileNames: '[name].js' },
  },
};

/**
 * Build of the worker script: one file without imports, because import maps do not apply to workers, and without
 * exports, so that it runs as a module and as a classic script.
 */
const workerBuild = {
  ...packageBuild,
  emptyOutDir: false,
  lib: {
    entry: 'src/media/worker/bundled.ts',
    formats: ['iife' as const],
    name: 'videoFramePoolWorker',
    fileName: () => 'worker.js',
  },
  rolldownOptions: {},
};

const builds: Record<string, object> = { package: packageBuild, worker: workerBuild };

/**
 * Replaces the modules that mediabunny excludes from browsers (its Node code) with empty ES modules. Vite writes
 * CommonJS stubs instead, and tools that search for CommonJS keywords would then take the worker script for CommonJS.
 */
const emptyModules: Plugin = {
  name: 'empty-modules',
  enforce: 'pre',
  load: (id) => (id.startsWith('__vite-browser-external') ? 'export {};' : null),
};

const demoBuild = { outDir: 'dist-demo', target: 'es2022' };

/**
 * Content Security Policy of the demo. Scripts, styles and workers come from the demo's own folder only. Videos come
 * from any URL that the user opens, which is the only network access.
 */
const POLICY = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'worker-src': "'self'",
  'img-src': "'self' data: blob:",
  'media-src': "'self' blob:",
  'connect-src': "'self' blob: data: https: http:",
  'base-uri': "'none'",
  'form-action': "'none'",
  'object-src': "'none'",
  // The only way to turn text into a script is the policy that admits the demo's own workers (demo/trusted-types.ts).
  'require-trusted-types-for': "'script'",
  'trusted-types': 'own-scripts',
};

/**
 * Writes the policy into the built page, because static hosts send no headers. Not applied by the development server,
 * whose own styles are inline.
 */
const contentSecurityPolicy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: {
        'http-equiv': 'Content-Security-Policy',
        content: Object.entries(POLICY)
          .map((rule) => rule.join(' '))
          .join('; '),
      },
      injectTo: 'head-prepend',
    },
  ],
};

// The demo's histogram shares memory with its worker, which requires cross-origin isolation.
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig(({ mode }) => ({
  base: './',
  plugins: [contentSecurityPolicy, emptyModules],
  build: builds[mode] ?? demoBuild,
  server: { host: '127.0.0.1', port: 5173, headers },
  preview: { host: '127.0.0.1', port: 4173, headers },
}));
