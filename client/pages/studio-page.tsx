import '../styles/studio.css';
import '../styles/studio-games.css';
import { useSignal } from '@preact/signals';
import { useContext, useEffect } from 'preact/hooks';
import type { SignedIn } from '../../protocol/studio-messages.ts';
import { FailurePanel } from './failure-panel.tsx';
import { useFocusNavigation } from './focus-navigation.ts';
import { Illustration } from './illustration.tsx';
import { Masthead } from './masthead.tsx';
import { replacePage } from './navigation.ts';
import { usePageTitle } from './page-title.ts';
import type { Route } from './route.ts';
import { StudioCode } from './studio-code.tsx';
import { StudioContext } from './studio-context.ts';
import { StudioGame } from './studio-game.tsx';
import { StudioGames } from './studio-games.tsx';
import { StudioHome } from './studio-home.tsx';
import { NewStudioForm } from './studio-new.tsx';
import { StudioSignIn } from './studio-sign-in.tsx';

/** What the pages of studios are called in addresses. */
const PATH = '/studio';

export interface StudioPageProps {
  readonly slug: string | undefined;
  /** Which of its games; undefined: the studio itself. */
  readonly games: Extract<Route, { name: 'studio' }>['games'];
}

/** Where studios look after their games, and who may. */
export function StudioPage({ slug, games }: StudioPageProps) {
  const session = useContext(StudioContext);
  const code = useSignal<string | undefined>(undefined);
  usePageTitle('Studio');
  useFocusNavigation(true);
  useEffect(() => {
    // A code in the address stays on no screenshot and in no bookmark.
    const take = () => {
      if (location.hash.length < 2) return;
      code.value = location.hash;
      history.replaceState(history.state, '', location.pathname);
    };
    take();
    addEventListener('hashchange', take);
    void session.refresh();
    return () => removeEventListener('hashchange', take);
  }, [session, code]);
  const state = session.state.value;
  const forgetCode = () => {
    code.value = undefined;
  };
  return (
    <div class="library studio">
      <Masthead here="studio" />
      <main>
        {state.name === 'loading' ? (
          <Skeleton />
        ) : state.name === 'failed' ? (
          <FailurePanel
            title="The studio cannot be seen"
            message={state.message}
            onRetry={() => void session.refresh()}
          />
        ) : code.value !== undefined ? (
          <StudioCode
            key={code.value}
            code={code.value}
            who={state.name === 'signed-in' ? state.who : undefined}
            onDone={forgetCode}
          />
        ) : state.name === 'signed-out' ? (
          <StudioSignIn
            onCode={(typed) => {
              code.value = typed;
            }}
          />
        ) : (
          <Studios who={state.who} slug={slug} games={games} />
        )}
      </main>
    </div>
  );
}

interface StudiosProps extends StudioPageProps {
  readonly who: SignedIn;
}

function Studios({ who, slug, games }: StudiosProps) {
  const first = who.studios[0];
  const shown = who.studios.find((one) => one.slug === slug);
  const leadsOn = slug === undefined && first !== undefined;
  useEffect(() => {
    if (leadsOn) replacePage(`${PATH}/${first.slug}`);
  }, [leadsOn, first]);
  if (shown && games === 'all') return <StudioGames key={shown.studioId} studio={shown} />;
  if (shown && games && games !== 'all') {
    const { gameId } = games;
    return <StudioGame key={`${shown.slug}/${gameId}`} studio={shown} gameId={gameId} />;
  }
  if (shown) return <StudioHome key={shown.studioId} studio={shown} who={who} />;
  if (leadsOn) return <Skeleton />;
  return first ? <NotIn first={first} /> : <None who={who} />;
}

function NotIn({ first }: { readonly first: SignedIn['studios'][number] }) {
  return (
    <section class="panel">
      <Illustration icon="signpost" />
      <h1>You are not in this studio</h1>
      <p>There is none at this address, or you are not in it. Ask one of its owners for a link.</p>
      <div class="panel-actions">
        <a class="button primary" href={`${PATH}/${first.slug}`}>
          Open {first.name}
        </a>
      </div>
    </section>
  );
}

function None({ who }: { readonly who: SignedIn }) {
  const session = useContext(StudioContext);
  return (
    <section class="panel">
      <Illustration icon="film" />
      <h1>Hello, {who.name}</h1>
      {who.mayFound ? (
        <>
          <p>A studio has games, people and a name. Begin yours.</p>
          <NewStudioForm />
        </>
      ) : (
        <p>You are in no studio now. Ask an owner of one for an invitation, and open its link.</p>
      )}
      <div class="panel-actions">
        <button type="button" class="button quiet" onClick={() => void session.signOut(false)}>
          Sign out
        </button>
      </div>
    </section>
  );
}

function Skeleton() {
  return (
    <div class="skeleton rows" role="status">
      <span class="visually-hidden">Opening the studio</span>
      <div class="bone" />
      <div class="bone" />
    </div>
  );
}
