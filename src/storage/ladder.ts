/**
 * The copy ladder: three ways to get a frame's pixels into memory, the best first, and which of them this engine does right.
 *
 *   own        the samples as they are, where the memory is of the frame's format, or bytes in another order
 *   converted  by the engine's own conversion, into RGBA, RGBX, BGRA or BGRX
 *   drawn      on a canvas, and read back: slow, and right wherever frames can be shown at all
 *
 * An engine that does not know the conversion ignores it in silence (WebKitGTK 2.50), so nothing it says is believed: a
 * small known frame is copied first, and its pixels are looked at. Where an engine makes no such frame (Firefox 153: I422,
 * I444 and deep ones; any engine: frames that hide their format) the first real one is copied and drawn, and the two are
 * compared.
 */
import { notSupported } from '../errors.ts';
import type { CaptureOptions } from '../pool/storage.ts';
import { drawFrame, drawPicture } from './draw.ts';
import type { Kind, Way } from './copy-kind.ts';
import { formatBy, kindOf, knownFrameOf, refusal, waysOf } from './copy-kind.ts';
import { isFlat, resembles } from './grid.ts';
import { knownPicture, knownTarget, sameSamples, verdict } from './known-frame.ts';
import type { MemoryFormat } from './layout.ts';
import { isRgb, packedLayout, planesOf } from './layout.ts';
import { isSharedMemory } from './memory-item.ts';
import { orientationOf } from './orientation.ts';
import type { CopyTarget } from './pixels.ts';
import { reformat, straighten } from './pixels.ts';
import type { Corner } from './read-back.ts';
import { drawInto, drawStored, shownOn } from './read-back.ts';

/** A way, and whether what comes by it still has its colours multiplied by their alpha. */
interface Rung {
  readonly way: Way;
  readonly darkened: boolean;
}

/** What was found out about a kind of copy. */
interface Finding {
  /** The best rung that this engine does right; null where it does none. */
  readonly best: Rung | null;
  /** The lowest, for a frame that the best fails on. */
  readonly last: Rung;
  /** Whether such frames have their true colours where they are drawn. */
  readonly drawnTrue: boolean;
}

const WHOLE: Corner = { x: 0, y: 0 };

/** Finds out, once for each kind of copy, how this engine does it right, and copies so. */
export class CopyLadder {
  readonly #findings = new Map<string, Promise<Finding | null>>();
  /** Those that are there already: a copy does not wait for what it could know. */
  readonly #known = new Map<string, Finding>();
  /** How often a kind was asked for whose frames have taught nothing so far. */
  readonly #unknown = new Map<string, number>();
  #refusesShared = false;

  /**
   * Copies a part of the visible picture, of the target's size, pixel by pixel: neither turned nor stretched.
   *
   * @returns By which way: but for `'own'` the colours are sRGB now.
   * @throws `NotSupportedError` where no way leads from this format to that one.
   */
  async copy(frame: VideoFrame, target: CopyTarget, corner: Corner = WHOLE): Promise<Way> {
    const kind = kindOf(frame, target.format);
    const lowest = waysOf(kind).at(-1);
    if (lowest === undefined) throw refusal(kind);
    const last = { way: lowest, darkened: false };
    const known = this.#known.get(keyOf(kind)) ?? (await this.#finding(kind, frame, target));
    const finding = known ?? { best: last, last, drawnTrue: true };
    if (finding.best === null) throw refusal(kind);
    try {
      await this.#take(finding.best, kind, frame, target, corner);
      return finding.best.way;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (finding.last.way === finding.best.way) throw refusal(kind, error);
      // A picture that begins between two chroma samples, for one. The others of its kind are copied as before.
      await this.#take(finding.last, kind, frame, target, corner);
      return finding.last.way;
    }
  }

  /** Draws a picture into memory as it is shown: scaled, cropped, turned, mirrored. 8-bit colours only. */
  async draw(frame: VideoFrame, target: CopyTarget, options: CaptureOptions): Promise<void> {
    const kind = kindOf(frame, target.format);
    // Alpha is what engines go wrong about.
    const finding = kind.translucent ? await this.#finding(kind, frame, target) : null;
    if (finding?.drawnTrue !== false) {
      drawInto(target, (context) => drawFrame(context, frame, options));
      return;
    }
    const { visibleRect, displayWidth: width, displayHeight: height } = frame;
    const pixels = emptyTarget('RGBA', visibleRect?.width ?? width, visibleRect?.height ?? height);
    await this.copy(frame, pixels);
    const shown = shownOn(pixels, orientationOf(frame), { width, height });
    drawInto(target, (context) => drawPicture(context, shown, { width, height }, options));
  }

  #finding(kind: Kind, frame: VideoFrame, target: CopyTarget): Promise<Finding | null> {
    const key = keyOf(kind);
    let finding = this.#findings.get(key);
    if (finding === undefined) {
      // A film that is all grey never teaches anything: it is tried ever more rarely, and drawn.
      const asked = (this.#unknown.get(key) ?? 0) + 1;
      this.#unknown.set(key, asked);
      if ((asked & (asked - 1)) !== 0) return Promise.resolve(null);
      // Kept as a promise: frames that come meanwhile wait for the one test.
      // Whatever hinders a test, such as a want of memory, teaches nothing.
      finding = this.#selfTest(kind)
        .then((found) => found ?? this.#trial(kind, frame, target))
        .catch(() => null);
      this.#findings.set(key, finding);
      void finding.then((found) => {
        if (found === null) this.#findings.delete(key);
        else {
          this.#known.set(key, found);
          this.#unknown.delete(key);
        }
      });
    }
    return finding;
  }

  /** Copies a known frame. Null where the engine makes none of this kind; never rejects. */
  async #selfTest(kind: Kind): Promise<Finding | null> {
    const frame = knownFrameOf(kind);
    if (frame === null) return null;
    try {
      const ways = waysOf(kind);
      let best: Rung | null = null;
      let last: Rung = { way: 'own', darkened: false };
      let drawnTrue = false;
      for (const way of ways) {
        if (best !== null && way !== ways.at(-1)) continue;
        const seen = await this.#rate(way, kind, frame);
        last = { way, darkened: seen === 'premultiplied' };
        drawnTrue = way === 'drawn' && seen === 'right';
        if (best === null && seen !== 'wrong') best = last;
      }
      return { best: best ?? (isRgb(kind.target) ? last : null), last, drawnTrue };
    } finally {
      frame.close();
    }
  }

  async #rate(way: Way, kind: Kind, frame: VideoFrame): Promise<'right' | 'premultiplied' | 'wrong'> {
    const target = knownTarget(formatBy(way, kind));
    try {
      await this.#put(way, frame, target, WHOLE);
    } catch {
      return 'wrong';
    }
    if (way === 'own' && !kind.snapshot)
      return sameSamples(target, knownPicture(target.format)) ? 'right' : 'wrong';
    return verdict(target, kind.translucent);
  }

  /** Copies a real frame and compares it with what drawing makes of it. Null where that taught nothing; never rejects. */
  async #trial(
    kind: Kind,
    frame: VideoFrame,
    { format, width, height }: CopyTarget,
  ): Promise<Finding | null> {
    const [way = 'drawn'] = waysOf(kind);
    const upper = { way, darkened: false };
    const copied = emptyTarget(format, width, height);
    try {
      await this.#take(upper, kind, frame, copied, WHOLE);
    } catch (error) {
      // TypeError: this frame's picture begins in an awkward place. Anything else says how the engine does.
      const engine = error instanceof DOMException && error.name === 'NotSupportedError';
      return engine && isRgb(format) ? { best: DRAWN, last: DRAWN, drawnTrue: true } : null;
    }
    if (!isRgb(format)) return { best: upper, last: upper, drawnTrue: true };
    try {
      const drawn = emptyTarget(format, width, height);
      await this.#take(DRAWN, kind, frame, drawn, WHOLE);
      // A film that begins in black, or in grey, shows nothing that could be told from something else.
      if (isFlat(drawn)) return null;
      return { best: resembles(copied, drawn) ? upper : DRAWN, last: DRAWN, drawnTrue: true };
    } catch {
      return null;
    }
  }

  async #take(rung: Rung, kind: Kind, frame: VideoFrame, target: CopyTarget, corner: Corner): Promise<void> {
    const format = formatBy(rung.way, kind);
    const copied = format === target.format ? target : { ...target, format };
    await this.#put(rung.way, frame, copied, corner);
    if (rung.darkened) straighten(copied);
    reformat(target, copied.format);
  }

  /** Gets the pixels into memory by one way. */
  async #put(way: Way, frame: VideoFrame, target: CopyTarget, corner: Corner): Promise<void> {
    if (way === 'drawn') {
      drawInto(target, (context) => drawStored(context, frame, corner));
      return;
    }
    const options: VideoFrameCopyToOptions = { layout: [...target.layout] };
    const rect = partOf(frame, target, corner);
    if (rect !== null) options.rect = rect;
    if (way === 'converted') {
      // TypeScript's DOM types lack the deep formats, which are never converted into.
      options.format = target.format as VideoPixelFormat;
      options.colorSpace = 'srgb';
    }
    const put = await (isSharedMemory(target.data)
      ? this.#copyToShared(frame, target.data, options)
      : frame.copyTo(target.data, options));
    const asAsked =
      put.length === target.layout.length &&
      target.layout.every(({ offset, stride }, i) => put[i]?.offset === offset && put[i]?.stride === stride);
    if (!asAsked) throw notSupported(`copyTo() put other planes than it was asked for`);
  }

  /** `copyTo()` into shared memory, by a detour where the engine does not write there. */
  async #copyToShared(
    frame: VideoFrame,
    data: Uint8Array,
    options: VideoFrameCopyToOptions,
  ): Promise<PlaneLayout[]> {
    if (!this.#refusesShared) {
      try {
        return await frame.copyTo(data, options);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
    }
    const own = new Uint8Array(data.length);
    const put = await frame.copyTo(own, options);
    this.#refusesShared = true;
    data.set(own);
    return put;
  }
}

const DRAWN: Rung = { way: 'drawn', darkened: false };

/** The one ladder of all storages. It learns as frames come: importing does nothing. */
export const ladder = new CopyLadder();

/** Memory of its own, without gaps. */
function emptyTarget(format: MemoryFormat, width: number, height: number): CopyTarget {
  const { layout, byteLength } = packedLayout(planesOf(format, width, height));
  return { format, width, height, layout, data: new Uint8Array(byteLength) };
}

/** What `copyTo()` is told of a part of the picture; null where it is to copy all that is visible. */
function partOf(frame: VideoFrame, { width, height }: CopyTarget, corner: Corner): DOMRectInit | null {
  const { visibleRect } = frame;
  if (visibleRect === null || (visibleRect.width === width && visibleRect.height === height)) return null;
  return { x: visibleRect.x + corner.x, y: visibleRect.y + corner.y, width, height };
}

const keyOf = ({ snapshot, source, target }: Kind): string =>
  `${snapshot ? 'snapshot ' : ''}${source ?? 'opaque'} → ${target}`;

/** NotSupportedError: the format. TypeError: where the picture begins. OperationError: a GPU would not part with it. */
const isRefusal = (error: unknown): boolean =>
  error instanceof TypeError ||
  (error instanceof DOMException && ['NotSupportedError', 'OperationError'].includes(error.name));
