/**
 * A plain value with U+FFFD for what Postgres takes in no text and no JSON: NUL, and half a surrogate
 * pair. Names and accounts come from other machines and may hold either.
 */
export function storable<T>(value: T): T {
  if (typeof value === 'string') return storableText(value) as T;
  if (Array.isArray(value)) return value.map(storable) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, storable(part)]),
  ) as T;
}

function storableText(text: string): string {
  return text.replaceAll('\0', '\ufffd').replace(/\p{Surrogate}/gu, '\ufffd');
}
