/** Whether a canvas has lost its context, in engines that can tell. */

/** WebKitGTK 2.50 has no `isContextLost()`: what is lost there cannot be seen, and counts as whole. */
export function isLost(context: OffscreenCanvasRenderingContext2D): boolean {
  // The platform's types know it as a method that is always there.
  const { isContextLost } = context as { isContextLost?: () => boolean };
  return isContextLost?.call(context) === true;
}
