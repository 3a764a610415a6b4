import { useEffect } from 'preact/hooks';

/**
 * Reads something again and again while somebody sees the page.
 * @param everyMs undefined: not at all.
 */
export function useWatched(reload: () => Promise<void>, everyMs: number | undefined): void {
  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void reload();
    }, everyMs);
    return () => clearInterval(timer);
    // Not with `reload`, which is another one at each render and does the same.
  }, [everyMs]);
}
