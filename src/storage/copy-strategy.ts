/**
 * Selects, for each copy case, the best of three paths that copies correctly in this engine:
 *
 *   own        the samples as they are, if the memory has the frame's format, or its bytes in another order
 *   converted  by the engine's conversion, into RGBA, RGBX, BGRA or BGRX
 *   drawn      on a canvas, and read back: slow, but correct in every engine that can draw frames
 *
 * An engine without the conversion ignores the request without an error (WebKitGTK 2.50). The selector therefore
 * verifies each path: it copies a small known frame first and compares its pixels. If an engine cannot create such a
 * frame (Firefox 153: I422, I444 and deep formats; any engine: frames without a format), the first real frame is both
 * copied and drawn, and the two are compared.
 */
import { notSupported } from '../base/errors.ts';
import type { CopyOptions } from '../pool/storage.ts';
import { drawFrame, drawPicture } from './draw.ts';
import type { CopyCase, CopyPath } from './copy-case.ts';
import { copyCaseOf, formatFor, knownFrameFor, pathsFor, refusal } from './copy-case.ts';
import { isFlat, resembles } from './grid.ts';
import { knownPicture, knownTarget, hasSameSamples, verdict } from './known-frame.ts';
import type { MemoryFormat } from './layout.ts';
import { isRgb, packedLayout, planesOf } from './layout.ts';
import { isSharedMemory } from './memory-item.ts';
import { orientationOf } from './orientation.ts';
import type { CopyTarget } from './pixels.ts';
import { reformat, unpremultiply } from './pixels.ts';
import type { Corner } from './read-back.ts';
import { drawInto, drawStored, shownOn } from './read-back.ts';

/** A path, and whether its result has colours that are still premultiplied by alpha. */
interface CopyStrategy {
  readonly path: CopyPath;
  readonly isPremultiplied: boolean;
}

/** Test result of a copy case. */
interface Finding {
  /** The best strategy that is correct in this engine; null if there is none. */
  readonly best: CopyStrategy | null;
  /** The strategy of last resort, for a frame on which the best one fails. */
  readonly fallback: CopyStrategy;
  /** Whether drawing preserves the colours of such frames. */
  readonly drawsTrueColours: boolean;
}

const WHOLE: Corner = { x: 0, y: 0 };

/** Tests each copy case once per engine, and copies by the best strategy. */
export class CopyStrategySelector {
  readonly #findings = new Map<string, Promise<Finding | null>>();
  /** Finished results, which a copy can use without a wait. */
  readonly #known = new Map<string, Finding>();
  /** Number of requests for a case whose frames have not produced a result yet. */
  readonly #unknown = new Map<string, number>();
  #refusesShared = false;

  /**
   * Copies a part of the visible picture, of the target's size, pixel by pixel: neither turned nor scaled.
   *
   * @returns The path. With any path but `'own'` the colours are sRGB now.
   * @throws `NotSupportedError` if no path leads from the frame's format to the target's.
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
      // For example, a picture that begins between two chroma samples. Other frames of its case are still copied by the
      // best strategy.
      await this.#apply(finding.fallback, copyCase, frame, target, corner);
      return finding.fallback.path;
    }
  }

  /** Draws a picture into memory as it is shown: scaled, cropped, turned, mirrored. 8-bit colours only. */
  async draw(frame: VideoFrame, target: CopyTarget, options: CopyOptions): Promise<void> {
    const copyCase = copyCaseOf(frame, target.format);
    // Engines make errors only with alpha.
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
      // An all-grey video never gives a result. It is tested after 1, 2, 4, 8 … requests, and drawn in between.
      const asked = (this.#unknown.get(key) ?? 0) + 1;
      this.#unknown.set(key, asked);
      if ((asked & (asked - 1)) !== 0) return Promise.resolve(null);
      // Stored as a promise, so that frames that arrive meanwhile share one test. A test that fails for another reason,
      // such as a lack of memory, gives no result.
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

  /** Tests the paths with a known frame. Null if the engine cannot create one for this case; never rejects. */
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
      return hasSameSamples(target, knownPicture(target.format)) ? 'right' : 'wrong';
    return verdict(target, copyCase.isTranslucent);
  }

  /**
   * Tests a path with a real frame: copies it and draws it, and compares the two. Null if that gives no result; never
   * rejects.
   */
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
      // TypeError: this frame's picture begins between two samples. Any other error is the engine's.
      const engine = error instanceof DOMException && error.name === 'NotSupportedError';
      return engine && isRgb(format) ? { best: DRAWN, fallback: DRAWN, drawsTrueColours: true } : null;
    }
    if (!isRgb(format)) return { best: upper, fallback: upper, drawsTrueColours: true };
    try {
      const drawn = emptyTarget(format, width, height);
      await this.#apply(DRAWN, copyCase, frame, drawn, WHOLE);
      // A video that begins in black or grey shows nothing that could be compared.
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

  /** Copies the pixels into memory by one path. */
  async #copyBy(path: CopyPath, frame: VideoFrame, target: CopyTarget, corner: Corner): Promise<void> {
    if (path === 'drawn') {
      drawInto(target, (context) => drawStored(context, frame, corner));
      return;
    }
    const options: VideoFrameCopyToOptions = { layout: [...target.layout] };
    const rect = partOf(frame, target, corner);
    if (rect !== null) options.rect = rect;
    if (path === 'converted') {
      // TypeScript's DOM types lack the deep formats, which are never a target of conversion.
      options.format = target.format as VideoPixelFormat;
      options.colorSpace = 'srgb';
    }
    const put = await (isSharedMemory(target.data)
      ? this.#copyToShared(frame, target.data, options)
      : frame.copyTo(target.data, options));
    const asAsked =
      put.length === target.layout.length &&
      target.layout.every(({ offset, stride }, i) => put[i]?.offset === offset && put[i]?.stride === stride);
    if (!asAsked) throw notSupported(`copyTo() wrote other planes than requested`);
  }

  /** `copyTo()` into shared memory, through a temporary buffer if the engine cannot write there. */
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

/** The selector of all storages. It tests as frames come, so that importing has no side effects. */
export const copyStrategies = new CopyStrategySelector();

/** A target with new memory, without gaps. */
function emptyTarget(format: MemoryFormat, width: number, height: number): CopyTarget {
  const { layout, byteLength } = packedLayout(planesOf(format, width, height));
  return { format, width, height, layout, data: new Uint8Array(byteLength) };
}

/** The `rect` option of `copyTo()` for a part of the picture; null for all that is visible. */
function partOf(frame: VideoFrame, { width, height }: CopyTarget, corner: Corner): DOMRectInit | null {
  const { visibleRect } = frame;
  if (visibleRect === null || (visibleRect.width === width && visibleRect.height === height)) return null;
  return { x: visibleRect.x + corner.x, y: visibleRect.y + corner.y, width, height };
}

const keyOf = ({ isSnapshot, source, target }: CopyCase): string =>
  `${isSnapshot ? 'snapshot ' : ''}${source ?? 'opaque'} → ${target}`;

/**
 * NotSupportedError: the format. TypeError: the position of the picture. OperationError: a GPU could not read the frame
 * back.
 */
const isRefusal = (error: unknown): boolean =>
  error instanceof TypeError ||
  (error instanceof DOMException && ['NotSupportedError', 'OperationError'].includes(error.name));
