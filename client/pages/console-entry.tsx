import { LazyPage } from './lazy-page.tsx';

const load = () => import('./console-page.tsx');

/** The console, with its plots. */
export function ConsoleEntry() {
  return (
    <LazyPage load={load} failureTitle="The console cannot be loaded">
      {({ ConsolePage }) => <ConsolePage />}
    </LazyPage>
  );
}
