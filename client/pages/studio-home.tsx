import { useSignal } from '@preact/signals';
import { useContext } from 'preact/hooks';
import { ROLE_ACTIONS } from '../../protocol/studio-access.ts';
import type { SignedIn, StudioMembership } from '../../protocol/studio-messages.ts';
import { Modal } from './modal.tsx';
import { StudioAccount } from './studio-account.tsx';
import { StudioAudit } from './studio-audit.tsx';
import { StudioContext } from './studio-context.ts';
import { StudioForm } from './studio-form.tsx';
import { StudioMembers } from './studio-members.tsx';
import { StudioNav } from './studio-nav.tsx';
import { NewStudioForm } from './studio-new.tsx';
import { Field } from './studio-parts.tsx';
import { StudioTokens } from './studio-tokens.tsx';
import { ROLE_WORDS } from './studio-words.ts';

export interface StudioHomeProps {
  readonly studio: StudioMembership;
  readonly who: SignedIn;
}

/** One studio, and one's own account. */
export function StudioHome({ studio, who }: StudioHomeProps) {
  const can = ROLE_ACTIONS[studio.role];
  // The log tells of each change made here: it is read anew after one.
  const changes = useSignal(0);
  const handleChange = () => {
    changes.value++;
  };
  return (
    <>
      <Head studio={studio} who={who} onChange={handleChange} />
      <div class="studio-cards">
        <div class="studio-column">
          <StudioMembers studio={studio} who={who} onChange={handleChange} />
          {can.has('tokens:create') && <StudioTokens studio={studio} onChange={handleChange} />}
        </div>
        <div class="studio-column">
          <StudioAccount who={who} onChange={handleChange} />
          <StudioAudit
            studio={can.has('audit:read') ? studio : undefined}
            changes={changes.value}
          />
        </div>
      </div>
    </>
  );
}

interface HeadProps extends StudioHomeProps {
  readonly onChange: () => void;
}

function Head({ studio, who, onChange }: HeadProps) {
  const renaming = useSignal(false);
  const beginning = useSignal(false);
  const others = who.studios.filter(({ studioId }) => studioId !== studio.studioId);
  return (
    <header class="page-head studio-head">
      <div>
        <h1>{studio.name}</h1>
        <p>
          You are {studio.role === 'owner' ? 'an' : 'a'}{' '}
          <b>{ROLE_WORDS[studio.role].toLowerCase()}</b> here. In addresses and commands it is{' '}
          <code>{studio.slug}</code>.
        </p>
      </div>
      <div class="studio-actions">
        {ROLE_ACTIONS[studio.role].has('studio:rename') && (
          <button
            type="button"
            class="button quiet"
            onClick={() => {
              renaming.value = true;
            }}
          >
            Rename
          </button>
        )}
        {who.mayFound && (
          <button
            type="button"
            class="button quiet"
            onClick={() => {
              beginning.value = true;
            }}
          >
            New studio
          </button>
        )}
      </div>
      <StudioNav slug={studio.slug} here="studio" />
      {others.length > 0 && (
        <nav class="studio-others" aria-label="Your other studios">
          {others.map(({ studioId, slug, name }) => (
            <a key={studioId} class="button" href={`/studio/${slug}`}>
              {name}
            </a>
          ))}
        </nav>
      )}
      <Modal open={renaming} title="Rename the studio" closeLabel="Close">
        {(close) => <RenameForm studio={studio} onChange={onChange} onDone={close} />}
      </Modal>
      <Modal open={beginning} title="A new studio" closeLabel="Close">
        {() => <NewStudioForm />}
      </Modal>
    </header>
  );
}

interface RenameFormProps {
  readonly studio: StudioMembership;
  readonly onChange: () => void;
  readonly onDone: () => void;
}

function RenameForm({ studio, onChange, onDone }: RenameFormProps) {
  const session = useContext(StudioContext);
  const name = useSignal(studio.name);
  return (
    <StudioForm
      submit="Rename"
      work={async () => {
        await session.requests.renameStudio(studio.slug, name.peek());
        await session.refresh();
        onChange();
        onDone();
      }}
    >
      <Field
        label="Name"
        value={name.value}
        onInput={(text) => {
          name.value = text;
        }}
      />
      <p class="studio-note">Its address stays: links and commands go on working.</p>
    </StudioForm>
  );
}
