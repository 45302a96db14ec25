/** Lets the demo start its own workers where Trusted Types are required, as its Content-Security-Policy requires them. */

/** The name that the policy in `vite.config.ts` allows, once. */
const NAME = 'own-scripts';

/** As far as it is used; TypeScript's DOM types do not know it. */
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
 * What `new Worker()` takes for the address of a script of this site. Where browsers know no Trusted Types, the address itself.
 *
 * @throws `TypeError` for any other address.
 */
export const ownScript = (address: string): string => policy?.createScriptURL(address) ?? requireOwn(address);

function requireOwn(address: string): string {
  const { origin, pathname } = new URL(address, document.baseURI);
  const folder = new URL('.', document.baseURI);
  if (origin === folder.origin && pathname.startsWith(folder.pathname)) return address;
  throw new TypeError(`not a script of this site: ${address}`);
}
