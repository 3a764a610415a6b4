import { LazyPage } from './lazy-page.tsx';

const load = () => import('./studio-page.tsx');

/** The pages of studios. */
export function StudioEntry({ slug }: { readonly slug: string | undefined }) {
  return (
    <LazyPage load={load} failureTitle="The studio cannot be loaded">
      {({ StudioPage }) => <StudioPage slug={slug} />}
    </LazyPage>
  );
}
