/**
 * Imported before uPlot, which asks `Intl` for numbers of the browser's language while it loads. WebKitGTK 2.50 calls that
 * "C" where the system has no other, which is no language, and the whole page would end there.
 */
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en' });
}
