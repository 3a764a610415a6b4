import { type Signal, useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { toRockpoolError } from '../../protocol/errors.ts';
import type {
  Guest,
  GuestRights,
  GuestSeat,
  Invite,
  ShareRequest,
  Sharing,
} from '../../protocol/guest-messages.ts';
import { useFocusNavigation } from './focus-navigation.ts';
import { Icon } from './icon.tsx';
import { Modal } from './modal.tsx';
import { inviteAddress, linkWords, presenceWords, rightsWords, seatWords } from './share-words.ts';

export interface ShareDialogProps {
  readonly open: Signal<boolean>;
  readonly title: string;
  /** Undefined before the game has told. */
  readonly sharing: Sharing | undefined;
  /** @returns the token of the link that was asked for. @throws RockpoolError why not. */
  readonly share: (request: ShareRequest['request']) => Promise<string | undefined>;
  readonly onClosed: () => void;
}

/** Links that let others in, and who is here by one. */
export function ShareDialog({ open, title, sharing, share, onClosed }: ShareDialogProps) {
  return (
    <Modal
      open={open}
      title="Share this game"
      closeLabel="Close sharing"
      class="share"
      onClosed={onClosed}
    >
      {(close) => <SharePanel title={title} sharing={sharing} share={share} onBack={close} />}
    </Modal>
  );
}

const NO_SHARING: Sharing = { seats: [null], invites: [], guests: [] };

/** What was last done, in words; `address` where a link was made. */
interface Outcome {
  readonly text: string;
  readonly address?: string;
  readonly failed?: boolean;
}

interface SharePanelProps extends Pick<ShareDialogProps, 'title' | 'sharing' | 'share'> {
  readonly onBack: () => void;
}

function SharePanel({ title, sharing = NO_SHARING, share, onBack }: SharePanelProps) {
  useFocusNavigation(true, onBack);
  const outcome = useSignal<Outcome | undefined>(undefined);
  const { seats, invites, guests } = sharing;

  const act = async (request: ShareRequest['request']): Promise<void> => {
    outcome.value = undefined;
    try {
      const token = await share(request);
      if (token === undefined) return;
      outcome.value = await handOver(inviteAddress(location.origin, token), title);
    } catch (thrown) {
      outcome.value = { text: toRockpoolError(thrown).message, failed: true };
    }
  };
  return (
    <>
      <NewLink seats={seats} onMake={(player, rights) => act({ kind: 'invite', player, rights })} />
      <div class="share-outcome" role="status">
        {outcome.value !== undefined && <Said outcome={outcome.value} />}
      </div>
      {guests.length > 0 && (
        <section aria-labelledby="share-guests">
          <h3 id="share-guests">Here now</h3>
          <ul class="share-list">
            {guests.map((guest) => (
              <GuestRow key={guest.guestId} guest={guest} act={act} />
            ))}
          </ul>
        </section>
      )}
      {invites.length > 0 && (
        <section aria-labelledby="share-links">
          <h3 id="share-links">Open links</h3>
          <ul class="share-list">
            {invites.map((invite) => (
              <InviteRow key={invite.inviteId} invite={invite} act={act} />
            ))}
          </ul>
        </section>
      )}
      <p class="field-note">
        Links end with this game. Whoever has one needs no account, and learns nothing of you.
      </p>
    </>
  );
}

function Said({ outcome: { text, address, failed } }: { readonly outcome: Outcome }) {
  const id = useId();
  return (
    <>
      <p class={failed ? 'share-failed' : undefined}>
        {!failed && <Icon name="check" />}
        {address === undefined ? text : <label for={id}>{text}</label>}
      </p>
      {address !== undefined && (
        <input
          id={id}
          class="share-address"
          readOnly
          value={address}
          onFocus={(event) => event.currentTarget.select()}
        />
      )}
    </>
  );
}

/** Phones have a sheet to send a link with; elsewhere it goes to the clipboard, where that is allowed. */
async function handOver(address: string, title: string): Promise<Outcome> {
  const isPhone = matchMedia('(pointer: coarse)').matches;
  if (isPhone && 'share' in navigator) {
    try {
      await navigator.share({ title, url: address });
      return { text: 'Link sent.', address };
    } catch (error) {
      // Closed without a choice: the link is there to be copied all the same.
      if (!(error instanceof Error) || error.name !== 'AbortError') console.error(error);
    }
  }
  try {
    await navigator.clipboard.writeText(address);
    return { text: 'Link copied. Send it to whom you like.', address };
  } catch {
    // A page without TLS has no clipboard, and some browsers ask and are told no.
    return { text: 'Copy this link and send it:', address };
  }
}

interface NewLinkProps {
  readonly seats: readonly GuestSeat[];
  readonly onMake: (player: GuestSeat, rights: GuestRights) => Promise<void>;
}

function NewLink({ seats, onMake }: NewLinkProps) {
  const player = useSignal<GuestSeat>(null);
  const rights = useSignal<GuestRights>('pad');
  const busy = useSignal(false);
  const make = async () => {
    if (busy.value) return;
    busy.value = true;
    await onMake(player.value, rights.value);
    busy.value = false;
  };
  return (
    <form
      class="share-new"
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      {seats.length > 1 ? (
        <fieldset class="field">
          <legend>Whoever has the link may</legend>
          <div class="segments share-seats">
            {seats.map((seat) => (
              <label key={seat}>
                <input
                  type="radio"
                  name="share-seat"
                  checked={player.value === seat}
                  onChange={() => {
                    player.value = seat;
                  }}
                />
                <span>{seatWords(seat)}</span>
              </label>
            ))}
          </div>
        </fieldset>
      ) : (
        <p>Whoever has the link may watch. This game has one player.</p>
      )}
      {player.value !== null && (
        <fieldset class="field">
          <legend>With</legend>
          <div class="segments">
            {(['pad', 'all'] as const).map((right) => (
              <label key={right}>
                <input
                  type="radio"
                  name="share-rights"
                  checked={rights.value === right}
                  onChange={() => {
                    rights.value = right;
                  }}
                />
                <span>{rightsWords(right)}</span>
              </label>
            ))}
          </div>
          <p class="field-note">
            {rights.value === 'pad'
              ? `A gamepad, or the one on a phone’s screen, plays as player ${player.value}.`
              : 'Keyboard and mouse are yours as well: you both press the same keys.'}
          </p>
        </fieldset>
      )}
      <button type="submit" class="button primary" aria-disabled={busy.value}>
        <Icon name="link" />
        Copy link
      </button>
    </form>
  );
}

type Act = (request: ShareRequest['request']) => Promise<void>;

function GuestRow({ guest, act }: { readonly guest: Guest; readonly act: Act }) {
  const { guestId, number, player, rights } = guest;
  const name = `Guest ${number}`;
  return (
    <li>
      <span class="share-who">
        {name}
        <small>
          {player === null ? 'watches' : `player ${player}`} · {presenceWords(guest)}
        </small>
      </span>
      {player !== null && (
        <div class="select">
          <select
            aria-label={`What ${name} may use`}
            value={rights}
            onChange={(event) => {
              const chosen = event.currentTarget.value as GuestRights;
              void act({ kind: 'set-rights', guestId, rights: chosen });
            }}
          >
            {(['none', 'pad', 'all'] as const).map((right) => (
              <option key={right} value={right}>
                {rightsWords(right)}
              </option>
            ))}
          </select>
        </div>
      )}
      <button
        type="button"
        class="button quiet"
        aria-label={`Remove ${name}`}
        onClick={() => void act({ kind: 'remove', guestId })}
      >
        Remove
      </button>
    </li>
  );
}

function InviteRow({ invite, act }: { readonly invite: Invite; readonly act: Act }) {
  const { inviteId, player, rights } = invite;
  const name = linkWords(player, rights);
  return (
    <li>
      <span class="share-who">
        {seatWords(player)}
        {player !== null && <small>{rightsWords(rights).toLowerCase()}</small>}
      </span>
      <button
        type="button"
        class="button quiet"
        aria-label={`Copy the link ${name}`}
        onClick={() => void act({ kind: 'link', inviteId })}
      >
        Copy
      </button>
      <button
        type="button"
        class="button quiet"
        aria-label={`Revoke the link ${name}`}
        onClick={() => void act({ kind: 'revoke', inviteId })}
      >
        Revoke
      </button>
    </li>
  );
}
