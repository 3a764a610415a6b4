const MAX_LENGTH = 40;

/** What a studio of this name would be called in addresses: "Café Noir!" is `cafe-noir`. */
function slugOf(name: string): string {
  const words = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  return trimmed(words) || 'studio';
}

/** Slugs for a studio of this name, the nicest first, without end. */
export function* slugsFor(name: string): Generator<string> {
  const slug = slugOf(name);
  yield slug;
  for (let number = 2; ; number++) {
    const suffix = `-${number}`;
    yield trimmed(slug.slice(0, MAX_LENGTH - suffix.length)) + suffix;
  }
}

function trimmed(slug: string): string {
  return slug.slice(0, MAX_LENGTH).replace(/^-+|-+$/g, '');
}
