/**
 * `video-frame-pool/media/worker`: import for a worker in the app's own bundle, so that `openVideo()` reads and decodes there
 * with the app's mediabunny. In any other thread the import does nothing. Exports nothing.
 */
import { registeredDecoders } from '../custom-decoder.ts';
import { serveHere } from './serve.ts';

serveHere({ registered: registeredDecoders });
