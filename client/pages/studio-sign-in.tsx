import { useSignal } from '@preact/signals';
import { useContext } from 'preact/hooks';
import { Illustration } from './illustration.tsx';
import { signInWithPasskey, whyNoPasskeys } from './passkey-ceremony.ts';
import { StudioContext } from './studio-context.ts';
import { Field, Problem } from './studio-parts.tsx';
import { useTask } from './use-task.ts';

/** @param onCode gets what was typed or pasted. */
export function StudioSignIn({ onCode }: { readonly onCode: (typed: string) => void }) {
  const typed = useSignal('');
  return (
    <section class="panel">
      <Illustration icon="film" />
      <h1>Sign in to your studio</h1>
      <p>Where games are uploaded, released to players and watched over.</p>
      <PasskeyButton />
      <details class="studio-code">
        <summary>I have a code</summary>
        <form
          class="studio-form"
          onSubmit={(event) => {
            event.preventDefault();
            onCode(typed.peek());
          }}
        >
          <Field
            label="Code or link"
            value={typed.value}
            maxLength={300}
            placeholder="XXXXX-XXXXX-XXXXX-XXXXX-XXXXX"
            onInput={(text) => {
              typed.value = text;
            }}
          />
          <button type="submit" class="button">
            Go on
          </button>
        </form>
        <p class="studio-note">
          The first owner’s is printed when Rockpool starts. For others the operator prints one with{' '}
          <code>rockpool studio sign-in-link</code>, and an owner of a studio invites with one.
        </p>
      </details>
    </section>
  );
}

/** Signs in with a passkey, or says why that cannot be here. */
export function PasskeyButton() {
  const session = useContext(StudioContext);
  const task = useTask();
  const problem = whyNoPasskeys(window);
  if (problem !== undefined) return <p class="studio-warning">{problem}</p>;
  return (
    <div class="studio-form" data-focus-first>
      <button
        type="button"
        class="button primary"
        aria-disabled={task.busy.value}
        onClick={() =>
          void task.run(async () => session.arrive(await signInWithPasskey(session.requests)))
        }
      >
        Sign in with a passkey
      </button>
      <Problem task={task} />
    </div>
  );
}
