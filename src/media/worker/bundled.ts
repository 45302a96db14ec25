/**
 * `video-frame-pool/worker`: script of a worker in which `openVideo()` reads and decodes. Anywhere else importing it does nothing. It
 * exports nothing. Its bundle has a mediabunny of its own, at which no app can register a decoder.
 */
import { serveHere } from './serve-here.ts';

serveHere({});
