/** As `gameIdSchema` has it. */
const MAX_CHARACTERS = 63;

/** What a game of this title might be called: "Café Noir!" is `cafe-noir`. Empty where it has no such letters. */
export function gameIdFromTitle(title: string): string {
  return title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replace(/['’]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_CHARACTERS)
    .replace(/^-+|-+$/g, '');
}
