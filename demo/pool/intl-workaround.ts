/**
 * Workaround for WebKitGTK 2.50, which reports the invalid language "C" on systems without a locale. uPlot passes the
 * browser's language to `Intl` while it loads, which would throw and stop the page. Must be imported before uPlot.
 */
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en' });
}
