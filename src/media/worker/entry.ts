/**
 * `video-frame-pool/media/worker`: what a worker of the app's own bundle imports, so that `openVideo()` reads and decodes there with the
 * app's mediabunny. Anywhere else importing it does nothing. It exports nothing.
 */
import { registeredDecoders } from '../custom-decoder.ts';
import { serveHere } from './serve-here.ts';

serveHere({ registered: registeredDecoders });
