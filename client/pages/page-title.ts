import { useEffect } from 'preact/hooks';

/** Names the tab: "Skimmer — Rockpool", or the product alone. */
export function usePageTitle(view: string | undefined): void {
  useEffect(() => {
    document.title = view === undefined ? 'Rockpool' : `${view} — Rockpool`;
  }, [view]);
}
