// @ts-check
/** `npm start`: development server of the demo. Prints its URL. */
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

const port = Number(process.env['PORT'] ?? 5173);
const server = await createServer({
  root: fileURLToPath(new URL('..', import.meta.url)),
  logLevel: 'warn',
  // Use the next port if this one is taken.
  server: { host: '127.0.0.1', port, strictPort: false },
});
await server.listen();
console.log(`The demo runs at ${server.resolvedUrls?.local[0] ?? 'a URL that Vite did not report'}`);

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    void server.close().then(() => process.exit(0));
  });
}
