/** Worker of an app that registers a decoder with its own mediabunny, and serves readers. */
import type { EncodedPacket } from 'mediabunny';
import { CustomVideoDecoder, registerDecoder, VideoSample } from 'mediabunny';
import '../../src/media/worker/entry.ts';

/** Decodes ProRes to grey pictures. */
class GreyDecoder extends CustomVideoDecoder {
  static override supports(codec: string): boolean {
    return codec === 'prores';
  }

  init(): void {}

  decode({ timestamp, duration }: EncodedPacket): void {
    const data = new Uint8Array(16 * 16 * 4).fill(128);
    const sample = { format: 'RGBX', codedWidth: 16, codedHeight: 16, timestamp, duration } as const;
    this.onSample(new VideoSample(data, sample));
  }

  flush(): void {}

  close(): void {}
}

registerDecoder(GreyDecoder);
