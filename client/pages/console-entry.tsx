import { useSignal } from '@preact/signals';
import type { FunctionComponent } from 'preact';
import { useEffect } from 'preact/hooks';
import { FailurePanel } from './failure-panel.tsx';

/** Brings the console, with its plots, only to those who open it: players never load it. */
export function ConsoleEntry() {
  const page = useSignal<FunctionComponent | 'failed' | undefined>(undefined);
  useEffect(() => {
    import('./console-page.tsx').then(
      ({ ConsolePage }) => {
        page.value = ConsolePage;
      },
      () => {
        page.value = 'failed';
      },
    );
  }, [page]);
  const Page = page.value;
  if (Page === undefined) return null;
  if (Page !== 'failed') return <Page />;
  return (
    <main class="lone">
      <FailurePanel
        title="The console cannot be loaded"
        message="The server did not send it."
        onRetry={() => location.reload()}
      />
    </main>
  );
}
