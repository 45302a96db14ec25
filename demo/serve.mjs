// @ts-check
/** `npm start`: serves the demo and says where. */
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

const port = Number(process.env['PORT'] ?? 5173);
const server = await createServer({
  root: fileURLToPath(new URL('..', import.meta.url)),
  logLevel: 'warn',
  // The next port is taken where this one is in use.
  server: { host: '127.0.0.1', port, strictPort: false },
});
await server.listen();
console.log(`The demo player is at ${server.resolvedUrls?.local[0] ?? 'an address that vite did not tell'}`);

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    void server.close().then(() => process.exit(0));
  });
}
