/** Serves an app's folder as it is, parts of files too, under a Content-Security-Policy. */
import { createReadStream, existsSync, statSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
};

/** Serves on a free port of this machine alone. The first folder that has a file gives it. */
export async function serveStatic(
  folders: readonly string[],
  policy: string,
): Promise<{ url: string; close(): void }> {
  const server: Server = createServer(({ url = '/', headers }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const file = folders.map((folder) => join(folder, pathname)).find((each) => existsSync(each));
    response.setHeader('Content-Security-Policy', policy);
    if (file === undefined || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
    const { size } = statSync(file);
    const [, first, last] = /^bytes=(\d+)-(\d*)$/u.exec(headers.range ?? '') ?? [];
    const start = Number(first ?? 0);
    const end = last === undefined || last === '' ? size - 1 : Math.min(Number(last), size - 1);
    const part = { 'Content-Range': `bytes ${start}-${end}/${size}` };
    response.writeHead(first === undefined ? 200 : 206, {
      'Content-Length': end - start + 1,
      ...(first === undefined ? {} : part),
    });
    createReadStream(file, { start, end }).pipe(response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() };
}
