import { useEffect } from 'preact/hooks';
import type { Polled } from './polled.ts';

/** Often enough that a place that came free is seen, rare enough to cost nothing. */
const REFRESH_EVERY_MS = 4000;

/** Keeps what is shown up to date while somebody sees it. */
export function useQuietRefresh(polled: Pick<Polled<unknown>, 'refresh'>): void {
  useEffect(() => {
    const refresh = () => {
      if (document.visibilityState === 'visible') void polled.refresh();
    };
    refresh();
    const timer = setInterval(refresh, REFRESH_EVERY_MS);
    document.addEventListener('visibilitychange', refresh);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', refresh);
    };
  }, [polled]);
}
