/**
 * `video-frame-pool/worker`: script of a worker in which `openVideo()` reads and decodes. In any other thread the import does
 * nothing. Exports nothing. Its bundle has its own copy of mediabunny, with which no app can register a decoder.
 */
import { serveHere } from './serve.ts';

serveHere({});
