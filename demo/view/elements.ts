/** Elements of index.html, by their ids. */

/**
 * The element with this id.
 *
 * @throws `Error` where the page has none of that kind.
 */
export function element<E extends HTMLElement>(id: string, kind: new () => E): E {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`index.html has no ${kind.name} with the id "${id}"`);
}
