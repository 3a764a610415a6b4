import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { FailurePanel } from './failure-panel.tsx';

export interface LazyPageProps<T> {
  readonly load: () => Promise<T>;
  readonly failureTitle: string;
  readonly children: (loaded: T) => ComponentChildren;
}

/** Brings a page only to those who open it: players never load it. */
export function LazyPage<T extends object>({ load, failureTitle, children }: LazyPageProps<T>) {
  const page = useSignal<T | 'failed' | undefined>(undefined);
  useEffect(() => {
    load().then(
      (loaded) => {
        page.value = loaded;
      },
      () => {
        page.value = 'failed';
      },
    );
  }, [page, load]);
  const loaded = page.value;
  if (loaded === undefined) return null;
  if (loaded !== 'failed') return <>{children(loaded)}</>;
  return (
    <main class="lone">
      <FailurePanel
        title={failureTitle}
        message="The server did not send it."
        onRetry={() => location.reload()}
      />
    </main>
  );
}
