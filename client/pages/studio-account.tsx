import { useSignal } from '@preact/signals';
import { useContext } from 'preact/hooks';
import { RockpoolError } from '../../protocol/errors.ts';
import type { PasskeyListing, SignedIn } from '../../protocol/studio-messages.ts';
import { Modal } from './modal.tsx';
import { addPasskey, whyNoPasskeys } from './passkey-ceremony.ts';
import { StudioContext } from './studio-context.ts';
import { StudioForm } from './studio-form.tsx';
import { Card, ConfirmButton, CopyField, Field, Problem, When } from './studio-parts.tsx';
import { suggestPasskeyName } from './studio-words.ts';
import { useLoaded } from './use-loaded.ts';
import { type Task, useTask } from './use-task.ts';

export interface StudioAccountProps {
  readonly who: SignedIn;
  readonly onChange: () => void;
}

/** One's own ways in, and out. */
export function StudioAccount({ who, onChange }: StudioAccountProps) {
  const session = useContext(StudioContext);
  const { requests } = session;
  const { value, failure, reload } = useLoaded(who.personId, () => requests.passkeys());
  const adding = useSignal(false);
  const link = useSignal<string | undefined>(undefined);
  const task = useTask();
  const passkeys = value.value;
  const problem = whyNoPasskeys(window);
  const handleChanged = () => {
    onChange();
    void reload();
  };
  return (
    <Card
      title="Your account"
      note={
        <>
          Signed in as <b>{who.name}</b>
        </>
      }
      action={
        <button
          type="button"
          class="button quiet studio-small"
          onClick={() => void task.run(() => session.signOut(false))}
        >
          Sign out
        </button>
      }
    >
      <h3>Passkeys</h3>
      {failure.value !== undefined && <p class="studio-problem">{failure.value}</p>}
      {passkeys?.length === 0 && (
        <p class="studio-warning">
          You have none: once signed out you come back with a code alone. Add one now.
        </p>
      )}
      {passkeys !== undefined && passkeys.length > 0 && (
        <ul class="studio-rows">
          {passkeys.map((passkey) => (
            <PasskeyRow
              key={passkey.id}
              passkey={passkey}
              isLast={passkeys.length === 1}
              task={task}
              onRenamed={handleChanged}
              onRemoved={(signInLink) => {
                link.value = signInLink ?? undefined;
                handleChanged();
              }}
            />
          ))}
        </ul>
      )}
      {link.value !== undefined && (
        <>
          <CopyField label="Your way back in: once, within 24 hours" text={link.value} />
          <p class="studio-note">It is shown this once. Keep it until you have another passkey.</p>
        </>
      )}
      <Problem task={task} />
      <div class="studio-line">
        {problem === undefined ? (
          <button
            type="button"
            class={passkeys?.length === 0 ? 'button primary' : 'button'}
            onClick={() => {
              adding.value = true;
            }}
          >
            Add a passkey
          </button>
        ) : (
          <p class="studio-note">{problem}</p>
        )}
        <ConfirmButton
          label="Sign out everywhere"
          question="Really everywhere?"
          about="on all devices"
          busy={task.busy.value}
          onConfirm={() => void task.run(() => session.signOut(true))}
        />
      </div>
      <Modal open={adding} title="A new passkey" closeLabel="Close">
        {(close) => <PasskeyForm onAdded={handleChanged} onDone={close} />}
      </Modal>
    </Card>
  );
}

interface PasskeyRowProps {
  readonly passkey: PasskeyListing;
  readonly isLast: boolean;
  readonly task: Task;
  readonly onRenamed: () => void;
  readonly onRemoved: (signInLink: string | null) => void;
}

function PasskeyRow({ passkey, isLast, task, onRenamed, onRemoved }: PasskeyRowProps) {
  const { requests } = useContext(StudioContext);
  const { id, name, host, addedAtMs, lastUsedAtMs } = passkey;
  const nowMs = Date.now();
  const draft = useSignal<string | undefined>(undefined);
  if (draft.value !== undefined) {
    return (
      <li>
        <form
          class="studio-line"
          onSubmit={(event) => {
            event.preventDefault();
            void task.run(async () => {
              await requests.renamePasskey(id, draft.peek() ?? name);
              draft.value = undefined;
              onRenamed();
            });
          }}
        >
          <Field
            label={`A new name for ${name}`}
            value={draft.value}
            onInput={(text) => {
              draft.value = text;
            }}
          />
          <button type="submit" class="button" aria-disabled={task.busy.value}>
            Save
          </button>
        </form>
      </li>
    );
  }
  return (
    <li>
      <div>
        <b>{name}</b> {host !== location.hostname && <span class="tag">for {host}</span>}
        <small>
          {lastUsedAtMs === null ? 'added ' : 'last used '}
          <When atMs={lastUsedAtMs ?? addedAtMs} nowMs={nowMs} />
        </small>
      </div>
      <div class="studio-pair">
        <button
          type="button"
          class="button quiet studio-small"
          aria-label={`Rename ${name}`}
          onClick={() => {
            draft.value = name;
          }}
        >
          Rename
        </button>
        <ConfirmButton
          label="Remove"
          question={isLast ? 'It is your last one. Remove it?' : 'Really remove?'}
          about={name}
          busy={task.busy.value}
          onConfirm={() =>
            void task.run(async () => onRemoved(await requests.removePasskey(id, isLast)))
          }
        />
      </div>
    </li>
  );
}

interface PasskeyFormProps {
  readonly onAdded: () => void;
  readonly onDone: () => void;
}

function PasskeyForm({ onAdded, onDone }: PasskeyFormProps) {
  const { requests } = useContext(StudioContext);
  const name = useSignal(suggestPasskeyName(navigator.userAgent));
  return (
    <StudioForm
      submit="Go on"
      work={async () => {
        // The browser would have its person touch a key before anybody sees that it has no name.
        if (name.peek().trim() === '') {
          throw new RockpoolError('bad-message', 'Give it a name, to know it by.');
        }
        await addPasskey(requests, name.peek());
        onAdded();
        onDone();
      }}
    >
      <Field
        label="Name, to know it by"
        value={name.value}
        onInput={(text) => {
          name.value = text;
        }}
      />
      <p class="studio-note">
        Your device then asks for a finger, a face or a PIN, or for a security key.
      </p>
    </StudioForm>
  );
}
