/** Typed lookup of elements of index.html by id. */

/**
 * Returns the element with this id.
 *
 * @throws `Error` if the page has no element of this kind with the id.
 */
export function element<E extends HTMLElement>(id: string, kind: new () => E): E {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`index.html has no ${kind.name} with the id "${id}"`);
}
