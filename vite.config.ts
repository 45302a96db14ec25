/** Builds the package (`--mode package`, then `--mode worker`) and, without a mode, the demo as a static site that works from any sub-path. */
import type { Plugin } from 'vite';
import { defineConfig } from 'vite';

/**
 * A module for each source: bundlers leave out what an app does not use by modules, and of a large one they keep much that
 * stands beside what is used. The types lie beside them.
 */
const packageBuild = {
  lib: {
    entry: [
      'src/index.ts',
      'src/media/index.ts',
      'src/testing/index.ts',
      'src/webgpu/index.ts',
      // For workers that an app bundles, with the app's own mediabunny.
      'src/media/worker/entry.ts',
    ],
    formats: ['es' as const],
  },
  // Engines without `using` must be able to parse what is built.
  target: 'es2022',
  minify: false,
  sourcemap: true,
  rolldownOptions: {
    external: ['mediabunny'],
    output: { preserveModules: true, preserveModulesRoot: 'src', entryFileNames: '[name].js' },
  },
};

/**
 * The worker's script: one file without imports, for import maps do not reach workers, and without exports, so that it runs
 * as a module and as a classic script.
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
 * What mediabunny has for Node alone, and leaves out for browsers, is an empty module. Vite writes it in CommonJS, and then the
 * worker's script, which is none, is taken for CommonJS by tools that look for its words.
 */
const emptyModules: Plugin = {
  name: 'empty-modules',
  enforce: 'pre',
  load: (id) => (id.startsWith('__vite-browser-external') ? 'export {};' : null),
};

const demoBuild = { outDir: 'dist-demo', target: 'es2022' };

/**
 * Scripts, styles and workers of its own folder and nothing else; films from wherever somebody says, which is all that it asks
 * the network for.
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
  // No text becomes a script but by the one policy that lets the demo's own workers through (demo/own-script.ts).
  'require-trusted-types-for': "'script'",
  'trusted-types': 'own-scripts',
};

/** Writes the policy into the built page, for static hosts send no headers. While it is served for development, Vite's own styles are inline. */
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

// The demo's histogram shares memory with its worker, which browsers allow to isolated pages alone.
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
