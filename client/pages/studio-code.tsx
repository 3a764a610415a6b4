import { useSignal } from '@preact/signals';
import { useContext } from 'preact/hooks';
import type { CodeMeaning, SignedIn } from '../../protocol/studio-messages.ts';
import { Illustration } from './illustration.tsx';
import { replacePage } from './navigation.ts';
import { whyNoPasskeys } from './passkey-ceremony.ts';
import { StudioContext } from './studio-context.ts';
import { Field, Problem } from './studio-parts.tsx';
import { PasskeyButton } from './studio-sign-in.tsx';
import { ROLE_NOTES, ROLE_WORDS } from './studio-words.ts';
import { useLoaded } from './use-loaded.ts';
import { useTask } from './use-task.ts';

export interface StudioCodeProps {
  /** As it was typed, pasted or in the address. */
  readonly code: string;
  /** Undefined while nobody is signed in here. */
  readonly who: SignedIn | undefined;
  readonly onDone: () => void;
}

/** Says what a code is for, and uses it. */
export function StudioCode({ code, who, onDone }: StudioCodeProps) {
  const { requests } = useContext(StudioContext);
  const { value, failure } = useLoaded(code, () => requests.lookAtCode(code));
  const meaning = value.value;
  if (failure.value !== undefined) {
    return (
      <section class="panel" role="alert">
        <Illustration icon="broken" />
        <h1>This code does not work</h1>
        <p>{failure.value}</p>
        <div class="panel-actions" data-focus-first>
          <button type="button" class="button primary" onClick={onDone}>
            {who ? 'To the studio' : 'Back'}
          </button>
        </div>
      </section>
    );
  }
  if (meaning === undefined) return <p role="status">Looking at the code…</p>;
  return (
    <section class="panel">
      <Illustration icon="film" />
      <Words meaning={meaning} />
      {!window.isSecureContext && <p class="studio-warning">{whyNoPasskeys(window)}</p>}
      <UseForm code={code} meaning={meaning} who={who} onDone={onDone} />
      {meaning.purpose === 'invitation' && who === undefined && (
        <details class="studio-code">
          <summary>I have an account here</summary>
          <PasskeyButton />
        </details>
      )}
    </section>
  );
}

function Words({ meaning }: { readonly meaning: CodeMeaning }) {
  switch (meaning.purpose) {
    case 'found':
      return (
        <>
          <h1>Welcome to your Rockpool</h1>
          <p>You become its first owner: you begin a studio, and invite others to it.</p>
        </>
      );
    case 'sign-in':
      return (
        <>
          <h1>Sign in as {meaning.name}</h1>
          <p>This code works once. Add a passkey afterwards, to come back without one.</p>
        </>
      );
    case 'invitation':
      return (
        <>
          <h1>Join {meaning.studio}</h1>
          <p>
            You are invited as {ROLE_WORDS[meaning.role].toLowerCase()}: {ROLE_NOTES[meaning.role]}.
          </p>
        </>
      );
  }
}

function UseForm({ code, meaning, who, onDone }: StudioCodeProps & { meaning: CodeMeaning }) {
  const session = useContext(StudioContext);
  const name = useSignal('');
  const studio = useSignal('');
  const task = useTask();
  const { purpose } = meaning;
  const isNew = purpose === 'found' || (purpose === 'invitation' && who === undefined);
  return (
    <form
      class="studio-form"
      onSubmit={(event) => {
        event.preventDefault();
        void task.run(async () => {
          const arrived = await session.requests.useCode({
            code,
            ...(isNew ? { name: name.peek() } : {}),
            ...(purpose === 'found' ? { studio: studio.peek() } : {}),
          });
          const before = new Set(who?.studios.map(({ studioId }) => studioId));
          const joined = arrived.studios.find(({ studioId }) => !before.has(studioId));
          session.arrive(arrived);
          onDone();
          if (joined) replacePage(`/studio/${joined.slug}`);
        });
      }}
    >
      {isNew && (
        <Field
          label="Your name"
          autocomplete="name"
          value={name.value}
          onInput={(text) => {
            name.value = text;
          }}
        />
      )}
      {purpose === 'found' && (
        <Field
          label="Name of the studio"
          autocomplete="organization"
          value={studio.value}
          onInput={(text) => {
            studio.value = text;
          }}
        />
      )}
      <Problem task={task} />
      <button type="submit" class="button primary" aria-disabled={task.busy.value}>
        {purpose === 'sign-in' ? 'Sign in' : purpose === 'found' ? 'Begin' : 'Join'}
        {purpose === 'invitation' && who && ` as ${who.name}`}
      </button>
      <button type="button" class="button quiet" onClick={onDone}>
        Not now
      </button>
    </form>
  );
}
