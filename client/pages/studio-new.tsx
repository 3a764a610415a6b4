import { useSignal } from '@preact/signals';
import { useContext } from 'preact/hooks';
import { replacePage } from './navigation.ts';
import { StudioContext } from './studio-context.ts';
import { Field, Problem } from './studio-parts.tsx';
import { useTask } from './use-task.ts';

/** Begins a studio, and opens it. */
export function NewStudioForm() {
  const session = useContext(StudioContext);
  const name = useSignal('');
  const task = useTask();
  return (
    <form
      class="studio-form"
      onSubmit={(event) => {
        event.preventDefault();
        void task.run(async () => {
          const { slug } = await session.requests.createStudio(name.peek());
          await session.refresh();
          replacePage(`/studio/${slug}`);
        });
      }}
    >
      <Field
        label="Name of the studio"
        value={name.value}
        onInput={(text) => {
          name.value = text;
        }}
      />
      <Problem task={task} />
      <button type="submit" class="button primary" aria-disabled={task.busy.value}>
        Begin
      </button>
    </form>
  );
}
