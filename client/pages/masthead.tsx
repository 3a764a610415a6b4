import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';
import type { Route } from './route.ts';
import { Wordmark } from './wordmark.tsx';

interface Place {
  readonly name: Route['name'];
  readonly path: string;
  readonly label: string;
  readonly icon: IconName;
}

const PLACES: readonly Place[] = [
  { name: 'pool', path: '/pool', label: 'Pool', icon: 'server' },
  { name: 'history', path: '/history', label: 'History', icon: 'clock' },
];

export interface MastheadProps {
  readonly here: Route['name'];
  /** What else can be done on this page. */
  readonly children?: ComponentChildren;
}

/** The head of every page but a game's: the name, which leads home, and the other pages. */
export function Masthead({ here, children }: MastheadProps) {
  return (
    <header class="masthead">
      {here === 'library' ? (
        <h1>
          <Wordmark />
        </h1>
      ) : (
        <a class="home" href="/" aria-label="Rockpool: the library">
          <Wordmark />
        </a>
      )}
      <nav aria-label="Rockpool">
        {PLACES.map(({ name, path, label, icon }) => (
          <a
            key={name}
            class="button quiet"
            href={path}
            aria-current={name === here ? 'page' : undefined}
          >
            <Icon name={icon} />
            <span>{label}</span>
          </a>
        ))}
        {children}
      </nav>
    </header>
  );
}
