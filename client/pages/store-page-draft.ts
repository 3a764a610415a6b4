import type { StorePage } from '../../protocol/store-page.ts';
import type { GamePage } from '../../protocol/studio-builds.ts';
import { gamePageSchema } from '../../protocol/studio-builds.ts';

/** A page as it is being written. */
export interface StorePageDraft {
  readonly description: string;
  readonly summary: string;
  /** With commas between them. */
  readonly tags: string;
}

/** The most that is taken, as the server does. */
export const DRAFT_LIMITS = { description: 20_000, summary: 280, tags: 10, tag: 30 } as const;

export function draftOf({ description, summary, tags }: GamePage): StorePageDraft {
  return { description, summary, tags: tags.join(', ') };
}

/** What would be saved; each tag once. */
export function pageOf({ description, summary, tags }: StorePageDraft): GamePage {
  const words = tags.split(',').map((tag) => tag.trim().replace(/\s+/g, ' '));
  const known = new Map(words.map((tag) => [tag.toLowerCase(), tag]));
  known.delete('');
  return { description, summary: summary.trim(), tags: [...known.values()] };
}

export function isChanged(draft: StorePageDraft, saved: GamePage): boolean {
  return JSON.stringify(pageOf(draft)) !== JSON.stringify(pageOf(draftOf(saved)));
}

/** A draft, and the page that it was made of: its revision tells whether somebody else was quicker. */
export interface StorePageWriting {
  readonly draft: StorePageDraft;
  readonly base: StorePage;
}

/** What to go on writing with: what was being written, unless it was saved meanwhile. */
export function writingOf(kept: StorePageWriting | undefined, loaded: StorePage): StorePageWriting {
  if (kept && isChanged(kept.draft, loaded.page)) return kept;
  return { draft: draftOf(loaded.page), base: loaded };
}

/** Why it cannot be saved as it is; undefined where it can. */
export function draftProblem(draft: StorePageDraft): string | undefined {
  const page = pageOf(draft);
  const tooLong = page.tags.find((tag) => tag.length > DRAFT_LIMITS.tag);
  if (tooLong !== undefined) {
    return `The tag “${tooLong}” is too long: ${DRAFT_LIMITS.tag} characters at most.`;
  }
  if (page.tags.length > DRAFT_LIMITS.tags) {
    return `${page.tags.length} tags are too many: ${DRAFT_LIMITS.tags} at most.`;
  }
  if (page.description.length > DRAFT_LIMITS.description) {
    return `The description is too long: ${DRAFT_LIMITS.description} characters at most.`;
  }
  return gamePageSchema.safeParse(page).success ? undefined : 'This cannot be saved as it is.';
}
