import { useSignal } from '@preact/signals';
import { useContext, useEffect } from 'preact/hooks';
import {
  type AuditEntry,
  type AuditGroup,
  auditGroupSchema,
  type StudioMembership,
} from '../../protocol/studio-messages.ts';
import { StudioContext } from './studio-context.ts';
import { Card, Choice, Problem, When } from './studio-parts.tsx';
import { describeDeed, GROUP_WORDS } from './studio-words.ts';
import { useLoaded } from './use-loaded.ts';
import { useTask } from './use-task.ts';

type Subject = 'studio' | 'account';
type Filter = AuditGroup | 'all';

const FILTERS: readonly { readonly value: Filter; readonly words: string }[] = [
  { value: 'all', words: 'Everything' },
  // One's own account has a log of its own.
  ...auditGroupSchema.options
    .filter((group) => group !== 'account')
    .map((value) => ({ value, words: GROUP_WORDS[value] })),
];

export interface StudioAuditProps {
  /** Undefined where one may read the log of one's own account alone. */
  readonly studio: StudioMembership | undefined;
  /** Grows with each change made on this page. */
  readonly changes: number;
}

/** Who did what, and when. */
export function StudioAudit({ studio, changes }: StudioAuditProps) {
  const subject = useSignal<Subject>(studio ? 'studio' : 'account');
  const filter = useSignal<Filter>('all');
  const shown = studio && subject.value === 'studio' ? studio.slug : undefined;
  return (
    <Card title="Log" note="Every change is written down, and stays.">
      {studio && (
        <div class="studio-line">
          <div class="segments" role="radiogroup" aria-label="Whose log">
            {(['studio', 'account'] as const).map((one) => (
              <label key={one}>
                <input
                  type="radio"
                  name="studio-log"
                  checked={one === subject.value}
                  onChange={() => {
                    subject.value = one;
                    filter.value = 'all';
                  }}
                />
                <span>{one === 'studio' ? 'Studio' : 'My account'}</span>
              </label>
            ))}
          </div>
          {shown !== undefined && (
            <Choice
              bare
              label="What to show"
              options={FILTERS}
              value={filter.value}
              onChange={(chosen) => {
                filter.value = chosen;
              }}
            />
          )}
        </div>
      )}
      <Entries
        key={`${shown} ${filter.value}`}
        slug={shown}
        group={filter.value === 'all' ? undefined : filter.value}
        changes={changes}
      />
    </Card>
  );
}

interface EntriesProps {
  readonly slug: string | undefined;
  readonly group: AuditGroup | undefined;
  readonly changes: number;
}

function Entries({ slug, group, changes }: EntriesProps) {
  const { requests } = useContext(StudioContext);
  const older = useSignal<readonly AuditEntry[]>([]);
  const more = useSignal<boolean | undefined>(undefined);
  const task = useTask();
  const { value, failure } = useLoaded(String(changes), () => requests.audit(slug, { group }));
  // After a change the pages begin elsewhere.
  useEffect(() => {
    older.value = [];
    more.value = undefined;
  }, [changes]);
  if (failure.value !== undefined) return <p class="studio-problem">{failure.value}</p>;
  const newest = value.value;
  if (newest === undefined) return <p class="studio-note">Reading the log…</p>;
  const entries = [...newest.entries, ...older.value];
  if (entries.length === 0) return <p class="studio-note">Nothing of this kind was done yet.</p>;
  const showOlder = () =>
    void task.run(async () => {
      const page = await requests.audit(slug, { group, before: entries.at(-1)?.entryId });
      older.value = [...older.peek(), ...page.entries];
      more.value = page.more;
    });
  return (
    <>
      <ol class="studio-log">
        {entries.map((entry) => (
          <li key={entry.entryId}>
            <p>
              <b>{entry.actor}</b> {describeDeed(entry)}
              {entry.via === 'token' && ' with an access token'}
            </p>
            <small>
              <When begins atMs={entry.atMs} nowMs={newest.nowMs} />
              {entry.address !== '' && ` · ${entry.address}`}
            </small>
          </li>
        ))}
      </ol>
      <Problem task={task} />
      {(more.value ?? newest.more) && (
        <button type="button" class="button" aria-disabled={task.busy.value} onClick={showOlder}>
          Older
        </button>
      )}
    </>
  );
}
