import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { RockpoolError, toRockpoolError, wireErrorSchema } from '../../protocol/errors.ts';
import { type InviteLook, inviteLookSchema } from '../../protocol/guest-messages.ts';
import { guestProblemOf } from '../player/player-problem.ts';
import { GameCover } from './game-cover.tsx';
import type { GameLibrary } from './game-library.ts';
import { GuestSession } from './guest-session.tsx';
import { guestProblemMessage } from './guest-words.ts';
import { Icon } from './icon.tsx';
import { rememberVisit, wasVisiting } from './last-visit.ts';
import { focusElement } from './leaving-keys.ts';
import { usePageTitle } from './page-title.ts';
import type { FetchJson } from './polled.ts';
import type { SettingsStore } from './settings-store.ts';
import { Outcome } from './state-panel.tsx';

export interface JoinPageProps {
  /** Of the link. */
  readonly invite: string;
  readonly library: GameLibrary;
  readonly settings: SettingsStore;
  readonly fetchJson: FetchJson;
}

type Looked =
  | { readonly name: 'looking' }
  | { readonly name: 'open'; readonly look: InviteLook }
  | { readonly name: 'closed'; readonly error: RockpoolError };

/** Where a link leads: what is played there, and the way in. */
export function JoinPage({ invite, library, settings, fetchJson }: JoinPageProps) {
  const looked = useSignal<Looked>({ name: 'looking' });
  /** Counts the visits: each has a player of its own. */
  const visit = useSignal(0);
  const look = () => {
    looked.value = { name: 'looking' };
    lookAt(invite, fetchJson).then(
      (found) => {
        looked.value = { name: 'open', look: found };
      },
      (thrown: unknown) => {
        looked.value = { name: 'closed', error: toRockpoolError(thrown) };
      },
    );
  };
  useEffect(() => {
    look();
    void library.refresh();
  }, [invite, library]);

  const state = looked.value;
  if (state.name === 'looking') return <Looking />;
  if (state.name === 'closed') {
    const { error } = state;
    return (
      <main class="lone">
        <Outcome
          message={guestProblemMessage(guestProblemOf(error))}
          detail={error.message}
          onRestart={look}
        />
      </main>
    );
  }
  const { gameId } = state.look;
  const listing = library.find(gameId);
  if (visit.value > 0) {
    return (
      <GuestSession
        key={visit.value}
        invite={invite}
        gameId={gameId}
        listing={listing}
        settings={settings}
        onRestart={() => {
          visit.value++;
        }}
      />
    );
  }
  return (
    <Doorstep
      look={state.look}
      title={listing?.title ?? gameId}
      coverUrl={listing?.coverUrl ?? null}
      mayReturn={wasVisiting(invite)}
      onJoin={() => {
        rememberVisit(invite);
        visit.value = 1;
      }}
      onLookAgain={look}
    />
  );
}

/** @throws RockpoolError why the link leads nowhere. */
async function lookAt(invite: string, fetchJson: FetchJson): Promise<InviteLook> {
  let response: Response;
  try {
    response = await fetchJson(`/api/invites/${invite}`, {
      headers: { accept: 'application/json' },
    });
  } catch (cause) {
    throw new RockpoolError('timeout', 'The server could not be reached.', { cause });
  }
  const body: unknown = await response.json();
  if (response.ok) return inviteLookSchema.parse(body);
  const { code, message } = wireErrorSchema.parse(body);
  throw new RockpoolError(code, message);
}

function Looking() {
  return (
    <main class="lone">
      <section class="panel" role="status">
        <h1 class="visually-hidden">An invitation</h1>
        <p>Following the link…</p>
      </section>
    </main>
  );
}

interface DoorstepProps {
  readonly look: InviteLook;
  readonly title: string;
  readonly coverUrl: string | null;
  /** The place that is taken may be this browser's own. */
  readonly mayReturn: boolean;
  readonly onJoin: () => void;
  readonly onLookAgain: () => void;
}

/** Before the game: browsers give sound only to whom a click has been given. */
function Doorstep({ look, title, coverUrl, mayReturn, onJoin, onLookAgain }: DoorstepProps) {
  const { player, rights } = look;
  const full = look.full && !mayReturn;
  usePageTitle(`Join ${title}`);
  return (
    <main class="lone">
      <section class="panel doorstep">
        <GameCover title={title} coverUrl={coverUrl} />
        <h1>{title}</h1>
        {full ? (
          <p role="status">{fullSentence(player)}</p>
        ) : (
          <p>
            {player === null
              ? 'You are invited to watch this game while it is played.'
              : `You are invited to play along as player ${player}${rights === 'pad' ? ', with a gamepad' : ''}.`}
          </p>
        )}
        <div class="panel-actions" data-focus-first>
          <button
            type="button"
            class="button primary"
            ref={focusElement}
            onClick={full ? onLookAgain : onJoin}
          >
            <Icon name={full ? 'retry' : 'play'} />
            {full ? 'Look again' : 'Join'}
          </button>
          <a class="button" href="/">
            Open the library
          </a>
        </div>
      </section>
    </main>
  );
}

function fullSentence(player: InviteLook['player']): string {
  return player === null
    ? 'As many people watch as this game has room for. Somebody may leave soon.'
    : `Somebody plays as player ${player} by this link already. Ask for a link of your own, or wait until they leave.`;
}
