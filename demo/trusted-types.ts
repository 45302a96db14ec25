/** Trusted Types policy for the demo's own worker scripts, as its Content Security Policy requires. */

/** Policy name that `vite.config.ts` allows, once. */
const NAME = 'own-scripts';

/** The part of Trusted Types that is used here; TypeScript's DOM types do not declare it. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(address: string): string },
  ): {
    createScriptURL(address: string): string;
  };
}

const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
const policy = trustedTypes?.createPolicy(NAME, { createScriptURL: requireOwn });

/**
 * Returns the argument of `new Worker()` for the URL of a script of this site: a trusted URL, or the URL itself in
 * browsers without Trusted Types.
 *
 * @throws `TypeError` for any other URL.
 */
export const ownScript = (address: string): string => policy?.createScriptURL(address) ?? requireOwn(address);

function requireOwn(address: string): string {
  const { origin, pathname } = new URL(address, document.baseURI);
  const folder = new URL('.', document.baseURI);
  if (origin === folder.origin && pathname.startsWith(folder.pathname)) return address;
  throw new TypeError(`not a script of this site: ${address}`);
}
