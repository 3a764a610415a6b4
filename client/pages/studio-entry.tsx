import { LazyPage } from './lazy-page.tsx';
import type { StudioPageProps } from './studio-page.tsx';

const load = () => import('./studio-page.tsx');

/** The pages of studios. */
export function StudioEntry(place: StudioPageProps) {
  return (
    <LazyPage load={load} failureTitle="The studio cannot be loaded">
      {({ StudioPage }) => <StudioPage {...place} />}
    </LazyPage>
  );
}
