/** How many letters have to be added, removed or replaced to turn one word into the other. */
export function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [row, letter] of Array.from(from).entries()) {
    const current = [row + 1];
    for (const [column, other] of Array.from(to).entries()) {
      const replace = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      const remove = (previous[column + 1] ?? 0) + 1;
      const add = (current[column] ?? 0) + 1;
      current.push(Math.min(replace, remove, add));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}

/** The word most like another one, the first of several that are; undefined of none. */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  let best: { word: string; distance: number } | undefined;
  for (const candidate of words) {
    const distance = editDistance(word, candidate);
    if (!best || distance < best.distance) best = { word: candidate, distance };
  }
  return best?.word;
}
