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
import type { CopyCase, CopyPath } from './copy-case.ts';
import { formatFor, copyCaseOf, knownFrameFor, refusal, pathsFor } from './copy-case.ts';
import { isFlat, resembles } from './grid.ts';
import { knownPicture, knownTarget, sameSamples, verdict } from './known-frame.ts';
import type { MemoryFormat } from './layout.ts';
import { isRgb, packedLayout, planesOf } from './layout.ts';
import { isSharedMemory } from './memory-item.ts';
import { orientationOf } from './orientation.ts';
import type { CopyTarget } from './pixels.ts';
import { reformat, unpremultiply } from './pixels.ts';
import type { Corner } from './read-back.ts';
import { drawInto, drawStored, shownOn } from './read-back.ts';

/** A path, and whether what comes by it still has its colours multiplied by their alpha. */
interface CopyStrategy {
  readonly path: CopyPath;
  readonly isPremultiplied: boolean;
}

/** What was found out about a kind of copy. */
interface Finding {
  /** The best strategy that this engine does right; null where it does none. */
  readonly best: CopyStrategy | null;
  /** The lowest, for a frame that the best fails on. */
  readonly fallback: CopyStrategy;
  /** Whether such frames have their true colours where they are drawn. */
  readonly drawsTrueColours: boolean;
}

const WHOLE: Corner = { x: 0, y: 0 };

/** Finds out, once for each kind of copy, how this engine does it right, and copies so. */
export class CopyStrategySelector {
  readonly #findings = new Map<string, Promise<Finding | null>>();
  /** Those that are there already: a copy does not wait for what it could know. */
  readonly #known = new Map<string, Finding>();
  /** How often a kind was asked for whose frames have taught nothing so far. */
  readonly #unknown = new Map<string, number>();
  #refusesShared = false;

  /**
   * Copies a part of the visible picture, of the target's size, pixel by pixel: neither turned nor stretched.
   *
   * @returns By which path: but for `'own'` the colours are sRGB now.
   * @throws `NotSupportedError` where no way leads from this format to that one.
   */
  async copy(frame: VideoFrame, target: CopyTarget, corner: Corner = WHOLE): Promise<CopyPath> {
    const copyCase = copyCaseOf(frame, target.format);
    const lowest = pathsFor(copyCase).at(-1);
    if (lowest === undefined) throw refusal(copyCase);
    const fallback = { path: lowest, isPremultiplied: false };
    const known = this.#known.get(keyOf(copyCase)) ?? (await this.#finding(copyCase, frame, target));
    const finding = known ?? { best: fallback, fallback, drawsTrueColours: true };
    if (finding.best === null) throw refusal(copyCase);
    try {
      await this.#apply(finding.best, copyCase, frame, target, corner);
      return finding.best.path;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (finding.fallback.path === finding.best.path) throw refusal(copyCase, error);
      // A picture that begins between two chroma samples, for one. The others of its kind are copied as before.
      await this.#apply(finding.fallback, copyCase, frame, target, corner);
      return finding.fallback.path;
    }
  }

  /** Draws a picture into memory as it is shown: scaled, cropped, turned, mirrored. 8-bit colours only. */
  async draw(frame: VideoFrame, target: CopyTarget, options: CaptureOptions): Promise<void> {
    const copyCase = copyCaseOf(frame, target.format);
    // Alpha is what engines go wrong about.
    const finding = copyCase.isTranslucent ? await this.#finding(copyCase, frame, target) : null;
    if (finding?.drawsTrueColours !== false) {
      drawInto(target, (context) => drawFrame(context, frame, options));
      return;
    }
    const { visibleRect, displayWidth: width, displayHeight: height } = frame;
    const pixels = emptyTarget('RGBA', visibleRect?.width ?? width, visibleRect?.height ?? height);
    await this.copy(frame, pixels);
    const shown = shownOn(pixels, orientationOf(frame), { width, height });
    drawInto(target, (context) => drawPicture(context, shown, { width, height }, options));
  }

  #finding(copyCase: CopyCase, frame: VideoFrame, target: CopyTarget): Promise<Finding | null> {
    const key = keyOf(copyCase);
    let finding = this.#findings.get(key);
    if (finding === undefined) {
      // A film that is all grey never teaches anything: it is tried ever more rarely, and drawn.
      const asked = (this.#unknown.get(key) ?? 0) + 1;
      this.#unknown.set(key, asked);
      if ((asked & (asked - 1)) !== 0) return Promise.resolve(null);
      // Kept as a promise: frames that come meanwhile wait for the one test.
      // Whatever hinders a test, such as a want of memory, teaches nothing.
      finding = this.#selfTest(copyCase)
        .then((found) => found ?? this.#trial(copyCase, frame, target))
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

  /** Copies a known frame. Null where the engine makes none of this copyCase; never rejects. */
  async #selfTest(copyCase: CopyCase): Promise<Finding | null> {
    const frame = knownFrameFor(copyCase);
    if (frame === null) return null;
    try {
      const paths = pathsFor(copyCase);
      let best: CopyStrategy | null = null;
      let fallback: CopyStrategy = { path: 'own', isPremultiplied: false };
      let drawsTrueColours = false;
      for (const path of paths) {
        if (best !== null && path !== paths.at(-1)) continue;
        const seen = await this.#rate(path, copyCase, frame);
        fallback = { path, isPremultiplied: seen === 'premultiplied' };
        drawsTrueColours = path === 'drawn' && seen === 'right';
        if (best === null && seen !== 'wrong') best = fallback;
      }
      return { best: best ?? (isRgb(copyCase.target) ? fallback : null), fallback, drawsTrueColours };
    } finally {
      frame.close();
    }
  }

  async #rate(
    path: CopyPath,
    copyCase: CopyCase,
    frame: VideoFrame,
  ): Promise<'right' | 'premultiplied' | 'wrong'> {
    const target = knownTarget(formatFor(path, copyCase));
    try {
      await this.#copyBy(path, frame, target, WHOLE);
    } catch {
      return 'wrong';
    }
    if (path === 'own' && !copyCase.isSnapshot)
      return sameSamples(target, knownPicture(target.format)) ? 'right' : 'wrong';
    return verdict(target, copyCase.isTranslucent);
  }

  /** Copies a real frame and compares it with what drawing makes of it. Null where that taught nothing; never rejects. */
  async #trial(
    copyCase: CopyCase,
    frame: VideoFrame,
    { format, width, height }: CopyTarget,
  ): Promise<Finding | null> {
    const [path = 'drawn'] = pathsFor(copyCase);
    const upper = { path, isPremultiplied: false };
    const copied = emptyTarget(format, width, height);
    try {
      await this.#apply(upper, copyCase, frame, copied, WHOLE);
    } catch (error) {
      // TypeError: this frame's picture begins in an awkward place. Anything else says how the engine does.
      const engine = error instanceof DOMException && error.name === 'NotSupportedError';
      return engine && isRgb(format) ? { best: DRAWN, fallback: DRAWN, drawsTrueColours: true } : null;
    }
    if (!isRgb(format)) return { best: upper, fallback: upper, drawsTrueColours: true };
    try {
      const drawn = emptyTarget(format, width, height);
      await this.#apply(DRAWN, copyCase, frame, drawn, WHOLE);
      // A film that begins in black, or in grey, shows nothing that could be told from something else.
      if (isFlat(drawn)) return null;
      return { best: resembles(copied, drawn) ? upper : DRAWN, fallback: DRAWN, drawsTrueColours: true };
    } catch {
      return null;
    }
  }

  async #apply(
    strategy: CopyStrategy,
    copyCase: CopyCase,
    frame: VideoFrame,
    target: CopyTarget,
    corner: Corner,
  ): Promise<void> {
    const format = formatFor(strategy.path, copyCase);
    const copied = format === target.format ? target : { ...target, format };
    await this.#copyBy(strategy.path, frame, copied, corner);
    if (strategy.isPremultiplied) unpremultiply(copied);
    reformat(target, copied.format);
  }

  /** Gets the pixels into memory by one path. */
  async #copyBy(path: CopyPath, frame: VideoFrame, target: CopyTarget, corner: Corner): Promise<void> {
    if (path === 'drawn') {
      drawInto(target, (context) => drawStored(context, frame, corner));
      return;
    }
    const options: VideoFrameCopyToOptions = { layout: [...target.layout] };
    const rect = partOf(frame, target, corner);
    if (rect !== null) options.rect = rect;
    if (path === 'converted') {
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

const DRAWN: CopyStrategy = { path: 'drawn', isPremultiplied: false };

/** The one ladder of all storages. It learns as frames come: importing does nothing. */
export const copyStrategies = new CopyStrategySelector();

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

const keyOf = ({ isSnapshot, source, target }: CopyCase): string =>
  `${isSnapshot ? 'snapshot ' : ''}${source ?? 'opaque'} → ${target}`;

/** NotSupportedError: the format. TypeError: where the picture begins. OperationError: a GPU would not part with it. */
const isRefusal = (error: unknown): boolean =>
  error instanceof TypeError ||
  (error instanceof DOMException && ['NotSupportedError', 'OperationError'].includes(error.name));
