/** Where a code is used: it stands behind the #, which no server and no log gets to see. */
export function studioLink(origin: string, code: string): string {
  return `${origin}/studio#${code}`;
}
