// A service worker that does nothing: there is one.
addEventListener('install', () => {});
