/** FNV-1a's offset basis and prime, 32 bits. */
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** FNV-1a over the code units of an id: computed once a container. 32 bits, signed. */
export function hashOf(id: string): number {
  let hash = OFFSET | 0;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), PRIME);
  return hash;
}

/**
 * Which of two equally good containers a ticket takes: the one with the smaller key. MurmurHash3's
 * finaliser over both: any bit of seed or hash changes half of the key's, so two tickets, or two
 * signaling nodes, do not crowd the same container.
 * @returns 32 bits, not negative.
 */
export function tieKey(seed: number, hash: number): number {
  let word = seed ^ hash;
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return (word ^ (word >>> 16)) >>> 0;
}
