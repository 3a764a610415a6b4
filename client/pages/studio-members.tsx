import { useSignal } from '@preact/signals';
import { useContext, useEffect } from 'preact/hooks';
import { RESTORE_MS, ROLE_ACTIONS, type Role, roleSchema } from '../../protocol/studio-access.ts';
import type {
  Member,
  SignedIn,
  StudioMembership,
  StudioReport,
} from '../../protocol/studio-messages.ts';
import { StudioContext } from './studio-context.ts';
import { Card, Choice, ConfirmButton, CopyField, Problem, When } from './studio-parts.tsx';
import { ROLE_NOTES, ROLE_WORDS } from './studio-words.ts';
import { useLoaded } from './use-loaded.ts';
import { useTask } from './use-task.ts';

/** How long the page offers to undo; the server allows more, for a slow network. */
const UNDO_MS = Math.min(20_000, RESTORE_MS);

const ROLE_OPTIONS = roleSchema.options.map((value) => ({ value, words: ROLE_WORDS[value] }));

export interface StudioMembersProps {
  readonly studio: StudioMembership;
  readonly who: SignedIn;
  readonly onChange: () => void;
}

/** Who is in the studio, and who is invited. */
export function StudioMembers({ studio, who, onChange }: StudioMembersProps) {
  const session = useContext(StudioContext);
  const { requests } = session;
  const { value, failure, reload } = useLoaded(studio.slug, () => requests.studio(studio.slug));
  const removed = useSignal<Member | undefined>(undefined);
  const task = useTask();
  const manages = ROLE_ACTIONS[studio.role].has('members:manage');
  const report = value.value;
  const change = (work: () => Promise<void>) =>
    void task.run(async () => {
      await work();
      onChange();
      await reload();
    });
  const takenBack = removed.value;
  useEffect(() => {
    if (takenBack === undefined) return;
    const timer = setTimeout(() => {
      removed.value = undefined;
    }, UNDO_MS);
    return () => clearTimeout(timer);
  }, [removed, takenBack]);
  return (
    <Card title="Members">
      <div class="studio-undo" role="status">
        {takenBack && (
          <p class="notice">
            {takenBack.name} is not in the studio any more.
            <button
              type="button"
              class="link"
              aria-disabled={task.busy.value}
              onClick={() =>
                change(async () => {
                  await requests.restoreMember(studio.slug, takenBack.personId);
                  removed.value = undefined;
                })
              }
            >
              Undo
            </button>
          </p>
        )}
      </div>
      {failure.value !== undefined && <p class="studio-problem">{failure.value}</p>}
      {report === undefined ? (
        failure.value === undefined && <p class="studio-note">Looking up who is in it…</p>
      ) : (
        <ul class="studio-rows">
          {report.members.map((member) => (
            <MemberRow
              key={member.personId}
              member={member}
              nowMs={report.nowMs}
              isMe={member.personId === who.personId}
              manages={manages}
              busy={task.busy.value}
              onRole={(role) =>
                change(async () => {
                  await requests.changeRole(studio.slug, member.personId, role);
                  if (member.personId === who.personId) await session.refresh();
                })
              }
              onRemove={() =>
                change(async () => {
                  await requests.removeMember(studio.slug, member.personId);
                  removed.value = member;
                })
              }
              onLeave={() =>
                void task.run(async () => {
                  await requests.removeMember(studio.slug, member.personId);
                  await session.refresh();
                })
              }
            />
          ))}
        </ul>
      )}
      <Problem task={task} />
      {manages && report && (
        <Invitations studio={studio} report={report} onChange={onChange} reload={reload} />
      )}
    </Card>
  );
}

interface MemberRowProps {
  readonly member: Member;
  readonly nowMs: number;
  readonly isMe: boolean;
  readonly manages: boolean;
  readonly busy: boolean;
  readonly onRole: (role: Role) => void;
  readonly onRemove: () => void;
  readonly onLeave: () => void;
}

function MemberRow(props: MemberRowProps) {
  const { member, nowMs, isMe, manages, busy, onRole, onRemove, onLeave } = props;
  return (
    <li>
      <div>
        <b>{member.name}</b> {isMe && <span class="tag">you</span>}
        <small>
          since <When atMs={member.sinceMs} nowMs={nowMs} />
        </small>
      </div>
      {manages ? (
        <Choice
          bare
          label={`Role of ${member.name}`}
          options={ROLE_OPTIONS}
          value={member.role}
          busy={busy}
          onChange={onRole}
        />
      ) : (
        <span>{ROLE_WORDS[member.role]}</span>
      )}
      {isMe ? (
        <ConfirmButton
          label="Leave"
          question="Really leave?"
          about="the studio"
          busy={busy}
          onConfirm={onLeave}
        />
      ) : (
        manages && (
          <button
            type="button"
            class="button quiet studio-small"
            aria-label={`Remove ${member.name}`}
            aria-disabled={busy}
            onClick={onRemove}
          >
            Remove
          </button>
        )
      )}
    </li>
  );
}

interface InvitationsProps {
  readonly studio: StudioMembership;
  readonly report: StudioReport;
  readonly onChange: () => void;
  readonly reload: () => Promise<void>;
}

function Invitations({ studio, report, onChange, reload }: InvitationsProps) {
  const { requests } = useContext(StudioContext);
  const role = useSignal<Role>('developer');
  const link = useSignal<string | undefined>(undefined);
  const task = useTask();
  return (
    <div class="studio-part">
      <h3>Invite somebody</h3>
      <form
        class="studio-line"
        onSubmit={(event) => {
          event.preventDefault();
          void task.run(async () => {
            // The one before is somebody else's.
            link.value = undefined;
            link.value = (await requests.invite(studio.slug, role.peek())).link;
            onChange();
            await reload();
          });
        }}
      >
        <Choice
          label="As"
          options={ROLE_OPTIONS}
          value={role.value}
          onChange={(chosen) => {
            role.value = chosen;
          }}
        />
        <button type="submit" class="button" aria-disabled={task.busy.value}>
          Make a link
        </button>
      </form>
      <p class="studio-note">
        {ROLE_WORDS[role.value]}: {ROLE_NOTES[role.value]}.
      </p>
      <Problem task={task} />
      {link.value !== undefined && (
        <>
          <CopyField label="Invitation: for one person, once, within 7 days" text={link.value} />
          <p class="studio-note">It is shown this once. Send it to nobody else.</p>
        </>
      )}
      {report.invitations.length > 0 && (
        <ul class="studio-rows" aria-label="Open invitations">
          {report.invitations.map((invitation) => (
            <li key={invitation.invitationId}>
              <div>
                An invitation as {ROLE_WORDS[invitation.role].toLowerCase()}
                <small>
                  until <When atMs={invitation.expiresAtMs} nowMs={report.nowMs} />
                </small>
              </div>
              <button
                type="button"
                class="button quiet studio-small"
                aria-disabled={task.busy.value}
                onClick={() =>
                  void task.run(async () => {
                    await requests.withdrawInvitation(studio.slug, invitation.invitationId);
                    link.value = undefined;
                    onChange();
                    await reload();
                  })
                }
              >
                Withdraw
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
