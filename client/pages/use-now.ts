import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** The time, `performance.now()`, told anew every so often. */
export function useNow(everyMs: number): number {
  const now = useSignal(performance.now());
  useEffect(() => {
    const timer = setInterval(() => {
      now.value = performance.now();
    }, everyMs);
    return () => clearInterval(timer);
  }, [now, everyMs]);
  return now.value;
}
