/** Finds the page's elements by id, and says which one is missing or of another kind. */

/**
 * @param kind - The class that the element must be of, so that nobody needs a cast.
 * @throws `Error` when the page and the scripts do not fit together.
 */
export function element<E extends Element>(id: string, kind: new () => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`index.html has no ${kind.name} with the id "${id}"`);
  return found;
}

/** Writes a text only where it changed: the page is looked at many times a second. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
