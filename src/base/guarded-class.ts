/** Guard for public classes: rejects proxies, which cannot reach private fields, and marks where stacks enter the library. */

import { calls } from './call-site.ts';

const VUE_SKIP = '__v_skip';

/**
 * Prepares a class whose instances apps keep in their state.
 *
 * Vue leaves objects with a true `__v_skip` unwrapped, so `reactive()` and `ref()` return the instance itself. Other proxies call
 * the methods with the proxy as `this`. The call then throws a `TypeError` with advice, instead of the engine's error about
 * private members.
 *
 * @param isReal - Whether an object has the private fields of the class.
 * @param keys - The members to guard; all by default. A member that is called for every frame makes the check itself.
 */
export function guardClass(
  prototype: object,
  name: string,
  isReal: (made: object) => boolean,
  keys: readonly PropertyKey[] = Reflect.ownKeys(prototype),
): void {
  for (const key of keys) {
    const member = Object.getOwnPropertyDescriptor(prototype, key);
    if (member === undefined || key === 'constructor') continue;
    if (typeof member.value === 'function') member.value = guarded(member.value as Method, name, isReal);
    if (member.get !== undefined) member.get = guarded(member.get, name, isReal);
    Object.defineProperty(prototype, key, member);
  }
  Object.defineProperty(prototype, VUE_SKIP, { value: true, configurable: true });
}

const prepared = new WeakSet<object>();

/**
 * As `guardClass()`, from inside a constructor. A class with a static block would stay in the bundles of apps that do not use it.
 */
export function guardOnce(prototype: object, name: string, isReal: (made: object) => boolean): void {
  if (prepared.has(prototype)) return;
  prepared.add(prototype);
  guardClass(prototype, name, isReal);
}

/** The error for a call through a proxy. */
export const notItself = (name: string): TypeError =>
  new TypeError(
    `this is a proxy around a ${name}, or another object: use the ${name} itself. Frameworks with deep reactivity leave it unchanged ` +
      `in shallowRef(), markRaw() or observable.ref`,
  );

type Method = (this: object, ...given: unknown[]) => unknown;

function guarded(method: Method, name: string, isReal: (made: object) => boolean): Method {
  const [call] = Object.values({
    // Marks the stack: see call-site.ts.
    videoFramePoolCall0(this: object, ...given: unknown[]): unknown {
      if (typeof this !== 'object' || this === null || !isReal(this)) throw notItself(name);
      calls.underWay++;
      try {
        return method.apply(this, given);
      } finally {
        calls.underWay--;
      }
    },
  });
  return call as Method;
}
