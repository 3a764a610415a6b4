import { useSignal } from '@preact/signals';
import { useContext } from 'preact/hooks';
import { replacePage } from './navigation.ts';
import { StudioContext } from './studio-context.ts';
import { StudioForm } from './studio-form.tsx';
import { Field } from './studio-parts.tsx';

/** Begins a studio, and opens it. */
export function NewStudioForm() {
  const session = useContext(StudioContext);
  const name = useSignal('');
  return (
    <StudioForm
      submit="Begin"
      work={async () => {
        const { slug } = await session.requests.createStudio(name.peek());
        await session.refresh();
        replacePage(`/studio/${slug}`);
      }}
    >
      <Field
        label="Name of the studio"
        value={name.value}
        onInput={(text) => {
          name.value = text;
        }}
      />
    </StudioForm>
  );
}
