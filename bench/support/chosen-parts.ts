/**
 * Which parts of a bench are measured.
 * @param text names joined by commas.
 * @throws Error that says which there are.
 */
export function chosenParts<T extends string>(text: string, known: readonly T[]): ReadonlySet<T> {
  const parts = text.split(',').map((name) => {
    const part = known.find((one) => one === name);
    if (part === undefined) {
      throw new Error(`There is no part "${name}"; choose of ${known.join(', ')}.`);
    }
    return part;
  });
  return new Set(parts);
}
