/** Detection of a lost canvas context, in engines that report it. */

/** Whether a context is lost. WebKitGTK 2.50 has no `isContextLost()`, so a context there never counts as lost. */
export function isLost(context: OffscreenCanvasRenderingContext2D): boolean {
  // The platform's types declare the method as always present.
  const { isContextLost } = context as { isContextLost?: () => boolean };
  return isContextLost?.call(context) === true;
}
