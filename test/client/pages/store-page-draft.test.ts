import { describe, expect, it } from 'vitest';
import {
  draftOf,
  draftProblem,
  isChanged,
  pageOf,
  writingOf,
} from '../../../client/pages/store-page-draft.ts';

const PAGE = { description: '# Tide', summary: 'Waves.', tags: ['calm', 'co-op'] };

describe('a page as it is being written', () => {
  it('is unchanged until something in it is', () => {
    const draft = draftOf(PAGE);
    expect(pageOf(draft)).toEqual(PAGE);
    expect(isChanged(draft, PAGE)).toBe(false);
    expect(isChanged({ ...draft, tags: ' calm ,co-op,' }, PAGE)).toBe(false);
    expect(isChanged({ ...draft, tags: 'co-op, calm' }, PAGE)).toBe(true);
    expect(isChanged({ ...draft, description: '# Tides' }, PAGE)).toBe(true);
  });

  it('stays what it was made of, so that what somebody else saved meanwhile is not lost', () => {
    const media = { cover: [], screenshots: [], clipUrl: null, posterUrl: null };
    const base = { page: PAGE, revision: 'one', media };
    expect(writingOf(undefined, base)).toEqual({ draft: draftOf(PAGE), base });
    const kept = { draft: { ...draftOf(PAGE), summary: 'Waves, and wind.' }, base };
    const theirs = { page: { ...PAGE, description: '# Theirs' }, revision: 'two', media };
    expect(writingOf(kept, theirs)).toBe(kept);
    // Its own save, which it has not heard of.
    const own = { page: pageOf(kept.draft), revision: 'two', media };
    expect(writingOf(kept, own)).toEqual({ draft: kept.draft, base: own });
  });

  it('has each tag once, and none that is empty', () => {
    const tags = ' calm,, pixel   art, Calm ,';
    expect(pageOf({ ...draftOf(PAGE), tags }).tags).toEqual(['Calm', 'pixel art']);
    expect(pageOf({ ...draftOf(PAGE), tags: '' }).tags).toEqual([]);
  });

  it('says what is too much before the server does', () => {
    const draft = draftOf(PAGE);
    expect(draftProblem(draft)).toBeUndefined();
    expect(draftProblem({ ...draft, tags: 'x'.repeat(31) })).toMatch(/30 characters at most/);
    const eleven = Array.from({ length: 11 }, (_, index) => `tag ${index}`).join(',');
    expect(draftProblem({ ...draft, tags: eleven })).toMatch(/^11 tags/);
    expect(draftProblem({ ...draft, description: 'x'.repeat(20_001) })).toMatch(/too long/);
  });
});
