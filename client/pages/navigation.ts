import { type ReadonlySignal, signal } from '@preact/signals';
import { parseRoute, type Route } from './route.ts';

const current = signal<Route>({ name: 'library' });

/** Where the person is. */
export const route: ReadonlySignal<Route> = current;

/** Marks history entries made by a click in here, so that leaving can go back instead of forward. */
const FROM_HERE = 'from-rockpool';

/** Follows the address bar, and plain clicks on links of this site. */
export function startNavigation(): void {
  const follow = () => {
    current.value = parseRoute(location.pathname);
  };
  follow();
  addEventListener('popstate', follow);
  addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || link.origin !== location.origin || link.target !== '') return;
    if (link.hasAttribute('download')) return;
    event.preventDefault();
    if (!mayLeave()) return;
    history.pushState(FROM_HERE, '', link.href);
    follow();
    scrollTo(0, 0);
  });
}

let mayLeave = () => true;

/**
 * Asks before a click leads elsewhere. Closing the tab is asked about by the browser, in its own words.
 * @param isWanted whether to go, though something would be lost.
 * @returns what ends it.
 */
export function guardLeaving(isWanted: () => boolean): () => void {
  const warn = (event: BeforeUnloadEvent) => event.preventDefault();
  mayLeave = isWanted;
  addEventListener('beforeunload', warn);
  return () => {
    mayLeave = () => true;
    removeEventListener('beforeunload', warn);
  };
}

/** Back to the library, without leaving the game one "back" away where that can be helped. */
export function goToLibrary(): void {
  if (history.state === FROM_HERE) {
    history.back();
    return;
  }
  history.replaceState(null, '', '/');
  current.value = { name: 'library' };
}

/** Another page of this site in place of this one. */
export function replacePage(path: string): void {
  history.replaceState(history.state, '', path);
  current.value = parseRoute(location.pathname);
}
