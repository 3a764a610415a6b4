import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Icon } from './icon.tsx';
import { Illustration } from './illustration.tsx';
import { focusElement, useLeavingKeys } from './leaving-keys.ts';
import { goToLibrary } from './navigation.ts';
import { PROBLEM_MESSAGES } from './state-messages.ts';
import { useNow } from './use-now.ts';

/** A place is asked for this often while every one is taken. */
const RETRY_EVERY_MS = 5000;

/** What is known of a wait for a free place, over all its attempts. */
export interface WaitingForPlace {
  /** True from "every place is taken" until something else comes of an attempt. */
  readonly full: Signal<boolean>;
  /** Whether the person wants it to be tried again and again. */
  readonly automatic: Signal<boolean>;
}

export interface WaitingPanelProps {
  readonly waiting: WaitingForPlace;
  /** True while a place is being asked for. */
  readonly asking: boolean;
  readonly onRestart: () => void;
}

/** Every place is taken: says so, and goes on asking. */
export function WaitingPanel({ waiting, asking, onRestart }: WaitingPanelProps) {
  useLeavingKeys();
  const message = PROBLEM_MESSAGES['no-free-slot'];
  const automatic = waiting.automatic.value;
  return (
    <section class="panel">
      <Illustration icon={message.icon} moving={automatic} />
      <div role="status">
        <h2>{message.title}</h2>
        <p>{message.body}</p>
      </div>
      <div class="panel-actions" data-focus-first>
        <button
          type="button"
          class="button primary"
          ref={focusElement}
          aria-disabled={asking}
          onClick={asking ? undefined : onRestart}
        >
          <Icon name="retry" />
          {message.actionLabel}
        </button>
        <button type="button" class="button" onClick={goToLibrary}>
          Back to the library
        </button>
      </div>
      <label class="switch">
        <input
          type="checkbox"
          checked={automatic}
          onChange={(event) => {
            waiting.automatic.value = event.currentTarget.checked;
          }}
        />
        Keep trying by itself
      </label>
      <p class="switch-note">
        {asking ? (
          'Asking for a place…'
        ) : automatic ? (
          <NextTry onDue={onRestart} />
        ) : (
          `Asks every ${RETRY_EVERY_MS / 1000} seconds when switched on.`
        )}
      </p>
    </section>
  );
}

function NextTry({ onDue }: { readonly onDue: () => void }) {
  const dueMs = useSignal(performance.now() + RETRY_EVERY_MS).value;
  const leftMs = dueMs - useNow(250);
  const due = leftMs <= 0;
  useEffect(() => {
    if (due) onDue();
  }, [due, onDue]);
  return <>Trying again in {Math.max(Math.ceil(leftMs / 1000), 1)} s</>;
}
