import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { OFFER_HOLD_MS } from '../../protocol/player-messages.ts';
import type { OfferedPlace, Waiting } from '../player/connection/place-in-line.ts';
import { Countdown } from './countdown.tsx';
import { Icon } from './icon.tsx';
import { Illustration } from './illustration.tsx';
import { focusElement, useLeavingKeys } from './leaving-keys.ts';
import { goToLibrary } from './navigation.ts';
import { ringForTurn } from './turn-chime.ts';
import { useNow } from './use-now.ts';
import { placeTitle, waitSentence } from './waiting-words.ts';

export interface WaitingPanelProps {
  readonly title: string;
  readonly waiting: Waiting;
  /** Whether the game starts by itself when it is this player's turn. */
  readonly automatic: Signal<boolean>;
  readonly onAccept: () => Promise<void>;
}

/** Every place is taken: where the player stands in the line, and what to do when it is their turn. */
export function WaitingPanel({ title, waiting, automatic, onAccept }: WaitingPanelProps) {
  useLeavingKeys();
  const { offer } = waiting;
  return (
    <section class="panel">
      {offer ? (
        <Turn title={title} offer={offer} automatic={automatic} onAccept={onAccept} />
      ) : (
        <InLine title={title} waiting={waiting} />
      )}
      <label class="switch">
        <input
          type="checkbox"
          checked={automatic.value}
          onChange={(event) => {
            automatic.value = event.currentTarget.checked;
          }}
        />
        Start by itself when it is my turn
      </label>
      <p class="switch-note">
        While this tab is in sight. Otherwise a sound calls you, and the place is kept for{' '}
        {OFFER_HOLD_MS / 1000} seconds.
      </p>
    </section>
  );
}

function InLine({ title, waiting }: { readonly title: string; readonly waiting: Waiting }) {
  return (
    <>
      <Illustration icon="hourglass" moving />
      <div role="status">
        <h2>{placeTitle(waiting.position)}</h2>
        <p>{waitSentence(title, waiting)}</p>
      </div>
      <div class="panel-actions" data-focus-first>
        <button type="button" class="button" ref={focusElement} onClick={goToLibrary}>
          <Icon name="leave" />
          Leave the line
        </button>
      </div>
    </>
  );
}

interface TurnProps {
  readonly title: string;
  readonly offer: OfferedPlace;
  readonly automatic: Signal<boolean>;
  readonly onAccept: () => Promise<void>;
}

function Turn({ title, offer, automatic, onAccept }: TurnProps) {
  const accepting = useSignal(false);
  const accept = () => {
    accepting.value = true;
    void onAccept().finally(() => {
      accepting.value = false;
    });
  };
  useEffect(() => {
    if (automatic.peek() && document.visibilityState === 'visible') {
      accept();
      return;
    }
    return ringForTurn(`Your turn: ${title}`);
  }, [offer]);
  const leftMs = Math.max(offer.untilMs - useNow(250), 0);
  return (
    <>
      <Countdown
        fraction={Math.min(leftMs / OFFER_HOLD_MS, 1)}
        seconds={Math.ceil(leftMs / 1000)}
        what="your place is kept"
      />
      <div role="alert">
        <h2>It is your turn</h2>
        <p>
          A place on {offer.containerName} is kept for you. If you do not take it, it goes to the
          next in line.
        </p>
      </div>
      <div class="panel-actions" data-focus-first>
        <button
          type="button"
          class="button primary"
          ref={focusElement}
          aria-disabled={accepting.value}
          onClick={accepting.value ? undefined : accept}
        >
          <Icon name="play" />
          {accepting.value ? 'Starting…' : 'Play now'}
        </button>
        <button type="button" class="button" onClick={goToLibrary}>
          Leave the line
        </button>
      </div>
    </>
  );
}
