import type { SessionProgress } from '../../protocol/session-progress.ts';
import { Icon } from './icon.tsx';
import { Illustration } from './illustration.tsx';
import { useLeavingKeys } from './leaving-keys.ts';
import { goToLibrary } from './navigation.ts';

export interface PreparingPanelProps {
  readonly title: string;
  readonly progress: SessionProgress;
}

const HEADINGS: Readonly<Record<SessionProgress['step'], (title: string) => string>> = {
  fetching: (title) => `Fetching ${title}`,
  installing: (title) => `Setting up ${title}`,
  starting: (title) => `Starting ${title}…`,
};

/** What is being done before there is a picture: the player may wait, or leave. */
export function PreparingPanel({ title, progress }: PreparingPanelProps) {
  useLeavingKeys();
  const { step, text, fraction } = progress;
  return (
    <section class="panel">
      <Illustration icon="waves" moving />
      <div role="status">
        <h2>{HEADINGS[step](title)}</h2>
        <p>{text}</p>
      </div>
      {step !== 'starting' && (
        <progress class="preparing" max={1} value={fraction} aria-label={HEADINGS[step](title)} />
      )}
      <div class="panel-actions" data-focus-first>
        <button type="button" class="button" onClick={goToLibrary}>
          <Icon name="leave" />
          Leave the game
        </button>
      </div>
    </section>
  );
}
