import { studioGamesPath } from './route.ts';

export interface StudioNavProps {
  readonly slug: string;
  readonly here: 'games' | 'studio';
}

/** Between the pages of a studio. */
export function StudioNav({ slug, here }: StudioNavProps) {
  const places = [
    { name: 'games', path: studioGamesPath(slug), label: 'Games' },
    { name: 'studio', path: `/studio/${slug}`, label: 'People and access' },
  ] as const;
  return (
    <nav class="studio-nav" aria-label="The studio">
      {places.map(({ name, path, label }) => (
        <a key={name} href={path} aria-current={name === here ? 'page' : undefined}>
          {label}
        </a>
      ))}
    </nav>
  );
}
