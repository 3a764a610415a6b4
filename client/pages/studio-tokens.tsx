import { useSignal } from '@preact/signals';
import { useContext } from 'preact/hooks';
import { ROLE_ACTIONS, type Scope, scopeSchema } from '../../protocol/studio-access.ts';
import {
  type AccessTokenListing,
  type CreateToken,
  type StudioMembership,
  TOKEN_LIFETIMES_DAYS,
} from '../../protocol/studio-messages.ts';
import { Modal } from './modal.tsx';
import { StudioContext } from './studio-context.ts';
import { Card, Choice, ConfirmButton, CopyField, Field, Problem, When } from './studio-parts.tsx';
import { SCOPE_WORDS } from './studio-words.ts';
import { useLoaded } from './use-loaded.ts';
import { useTask } from './use-task.ts';

export interface StudioTokensProps {
  readonly studio: StudioMembership;
  readonly onChange: () => void;
}

/** Access tokens: made, seen once, and revoked. */
export function StudioTokens({ studio, onChange }: StudioTokensProps) {
  const { requests } = useContext(StudioContext);
  const { value, failure, reload } = useLoaded(studio.slug, () => requests.tokens(studio.slug));
  const making = useSignal(false);
  const task = useTask();
  const list = value.value;
  const handleMade = () => {
    onChange();
    void reload();
  };
  return (
    <Card
      title="Access tokens"
      note="For programs that upload builds or read figures in your name: a command line, a CI."
      action={
        <button
          type="button"
          class="button studio-small"
          onClick={() => {
            making.value = true;
          }}
        >
          New token
        </button>
      }
    >
      {failure.value !== undefined && <p class="studio-problem">{failure.value}</p>}
      {list?.tokens.length === 0 && <p class="studio-note">There is none yet.</p>}
      {list !== undefined && list.tokens.length > 0 && (
        <ul class="studio-rows">
          {list.tokens.map((token) => (
            <TokenRow
              key={token.tokenId}
              token={token}
              nowMs={list.nowMs}
              busy={task.busy.value}
              onRevoke={() =>
                void task.run(async () => {
                  await requests.revokeToken(studio.slug, token.tokenId);
                  handleMade();
                })
              }
            />
          ))}
        </ul>
      )}
      <Problem task={task} />
      <Modal open={making} title="A new access token" closeLabel="Close">
        {(close) => <TokenForm studio={studio} onMade={handleMade} onDone={close} />}
      </Modal>
    </Card>
  );
}

interface TokenRowProps {
  readonly token: AccessTokenListing;
  readonly nowMs: number;
  readonly busy: boolean;
  readonly onRevoke: () => void;
}

function TokenRow({ token, nowMs, busy, onRevoke }: TokenRowProps) {
  const { name, person, mine, scopes, expiresAtMs, lastUsedAtMs } = token;
  const isOver = expiresAtMs !== null && expiresAtMs <= nowMs;
  return (
    <li>
      <div>
        <b>{name}</b> {!mine && <span class="tag">{person}</span>}
        {isOver && <span class="tag studio-over">expired</span>}
        <small>{scopes.join(', ')}</small>
        <small>
          {lastUsedAtMs === null ? (
            'never used'
          ) : (
            <>
              last used <When atMs={lastUsedAtMs} nowMs={nowMs} />
            </>
          )}
          {' · '}
          {expiresAtMs === null ? (
            'does not expire'
          ) : (
            <>
              until <When atMs={expiresAtMs} nowMs={nowMs} />
            </>
          )}
        </small>
      </div>
      <ConfirmButton
        label="Revoke"
        question="Really revoke?"
        about={name}
        busy={busy}
        onConfirm={onRevoke}
      />
    </li>
  );
}

const LIFETIMES = [
  ...TOKEN_LIFETIMES_DAYS.map((days) => ({ value: String(days), words: `${days} days` })),
  { value: 'forever', words: 'No end' },
];

interface TokenFormProps {
  readonly studio: StudioMembership;
  readonly onMade: () => void;
  readonly onDone: () => void;
}

function TokenForm({ studio, onMade, onDone }: TokenFormProps) {
  const { requests } = useContext(StudioContext);
  const name = useSignal('');
  const scopes = useSignal<readonly Scope[]>(['builds:read', 'builds:write']);
  const lifetime = useSignal('90');
  const made = useSignal<string | undefined>(undefined);
  const task = useTask();
  if (made.value !== undefined) {
    return (
      <div class="studio-form">
        <CopyField label="The token" text={made.value} />
        <p class="studio-note">
          It is shown this once and kept nowhere. Whoever has it acts in your name.
        </p>
        <button type="button" class="button primary" onClick={onDone}>
          Done
        </button>
      </div>
    );
  }
  return (
    <form
      class="studio-form"
      onSubmit={(event) => {
        event.preventDefault();
        void task.run(async () => {
          const lifetimeDays: CreateToken['lifetimeDays'] =
            TOKEN_LIFETIMES_DAYS.find((days) => String(days) === lifetime.peek()) ?? null;
          const wish = { name: name.peek(), scopes: [...scopes.peek()], lifetimeDays };
          made.value = await requests.createToken(studio.slug, wish);
          onMade();
        });
      }}
    >
      <Field
        label="What it is for"
        placeholder="CI of the main branch"
        value={name.value}
        onInput={(text) => {
          name.value = text;
        }}
      />
      <fieldset class="studio-field">
        <legend>It may</legend>
        {scopeSchema.options
          .filter((scope) => ROLE_ACTIONS[studio.role].has(scope))
          .map((scope) => (
            <label key={scope} class="studio-check">
              <input
                type="checkbox"
                checked={scopes.value.includes(scope)}
                onChange={({ currentTarget }) => {
                  const others = scopes.peek().filter((one) => one !== scope);
                  scopes.value = currentTarget.checked ? [...others, scope] : others;
                }}
              />
              <span>
                {SCOPE_WORDS[scope]} <code>{scope}</code>
              </span>
            </label>
          ))}
      </fieldset>
      <Choice
        label="Good for"
        options={LIFETIMES}
        value={lifetime.value}
        onChange={(chosen) => {
          lifetime.value = chosen;
        }}
      />
      {scopes.value.length === 0 && <p class="studio-note">Choose at least one thing it may do.</p>}
      <Problem task={task} />
      <button
        type="submit"
        class="button primary"
        disabled={scopes.value.length === 0}
        aria-disabled={task.busy.value}
      >
        Make the token
      </button>
    </form>
  );
}
