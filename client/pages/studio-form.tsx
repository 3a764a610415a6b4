import type { ComponentChildren } from 'preact';
import { Problem } from './studio-parts.tsx';
import { useTask } from './use-task.ts';

export interface StudioFormProps {
  /** What its button says. */
  readonly submit: string;
  readonly work: () => Promise<void>;
  readonly children: ComponentChildren;
}

/** Fields, why they were not taken, and the button that sends them. */
export function StudioForm({ submit, work, children }: StudioFormProps) {
  const task = useTask();
  return (
    <form
      class="studio-form"
      onSubmit={(event) => {
        event.preventDefault();
        void task.run(work);
      }}
    >
      {children}
      <Problem task={task} />
      <button type="submit" class="button primary" aria-disabled={task.busy.value}>
        {submit}
      </button>
    </form>
  );
}
