/** Binary search in sorted lists. */

/** Counts the entries of an ascending list that are at most as large as a limit. */
export function countUpTo<T>(sorted: readonly T[], limit: number, valueOf: (entry: T) => number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (valueOf(sorted[middle] as T) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
