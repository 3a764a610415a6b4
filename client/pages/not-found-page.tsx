import { Illustration } from './illustration.tsx';
import { usePageTitle } from './page-title.ts';

export function NotFoundPage() {
  usePageTitle('Nothing here');
  return (
    <main class="lone">
      <section class="panel">
        <Illustration icon="signpost" />
        <h1>Nothing lives at this address</h1>
        <p>The link may be old or mistyped. Every game that can be played is in the library.</p>
        <div class="panel-actions">
          <a class="button primary" href="/">
            Open the library
          </a>
        </div>
      </section>
    </main>
  );
}
