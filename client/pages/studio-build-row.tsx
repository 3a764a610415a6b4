import { useSignal } from '@preact/signals';
import { useContext, useId } from 'preact/hooks';
import type { BuildManifest } from '../../protocol/build-manifest.ts';
import type { BuildProblem } from '../../protocol/build-report.ts';
import type { GameId } from '../../protocol/ids.ts';
import { ROLE_ACTIONS } from '../../protocol/studio-access.ts';
import {
  type BuildListing,
  type DeletedBuild,
  SETTLED_STATES,
} from '../../protocol/studio-builds.ts';
import type { StudioMembership } from '../../protocol/studio-messages.ts';
import { countFiles, formatBytes, STATE_WORDS } from './build-words.ts';
import { StudioConfirm } from './studio-confirm.tsx';
import { StudioContext } from './studio-context.ts';
import { DeleteBuild } from './studio-deleted.tsx';
import { When } from './studio-parts.tsx';
import { StudioTryOut } from './studio-try-out.tsx';
import { useLoaded } from './use-loaded.ts';

export interface StudioBuildRowProps {
  readonly studio: StudioMembership;
  readonly gameId: GameId;
  readonly build: BuildListing;
  readonly isNewest: boolean;
  readonly nowMs: number;
  readonly onChange: () => void;
  readonly onDeleted: (build: DeletedBuild) => void;
}

/** A build in the list, and what is known of it when it is opened. */
export function StudioBuildRow(props: StudioBuildRowProps) {
  const { build, isNewest, nowMs } = props;
  const { number, state, stateDetail, label, createdAtMs, createdBy, files, bytes } = build;
  // What waits for a person is open before they ask.
  const chosen = useSignal<boolean | undefined>(undefined);
  const isStopped = state === 'refused' || state === 'failed';
  const isOpen = chosen.value ?? (state === 'unconfirmed' || (isStopped && isNewest));
  const id = useId();
  return (
    <li class="build-row" data-state={state}>
      <button
        type="button"
        class="build-head"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => {
          chosen.value = !isOpen;
        }}
      >
        <span class="build-number">{number}</span>
        <span class="build-what">
          <b>{label === '' ? build.archive.name : label}</b>
          <small>
            {createdBy}, <When atMs={createdAtMs} nowMs={nowMs} />
            {files > 0 && ` · ${countFiles(files)}, ${formatBytes(bytes)}`}
          </small>
        </span>
        <span class="build-state">{STATE_WORDS[state]}</span>
      </button>
      {(!SETTLED_STATES.has(state) || (state === 'failed' && !isOpen)) && (
        <p class="build-detail" role="status">
          {stateDetail}
        </p>
      )}
      <div id={id} class="build-more" hidden={!isOpen}>
        {isOpen && <Details {...props} />}
      </div>
    </li>
  );
}

function Details({ studio, gameId, build, nowMs, onChange, onDeleted }: StudioBuildRowProps) {
  const { requests } = useContext(StudioContext);
  const { value, failure } = useLoaded(`${build.buildId} ${build.state}`, () =>
    requests.build(studio.slug, gameId, build.number),
  );
  const details = value.value;
  const { archive } = build;
  if (failure.value !== undefined) return <p class="studio-problem">{failure.value}</p>;
  if (!details) return <p class="studio-note">Reading…</p>;
  const { report } = details;
  const mayConfirm = ROLE_ACTIONS[studio.role].has('builds:write');
  return (
    <>
      {report && report.problems.length > 0 && <Problems problems={report.problems} />}
      {report && report.notes.length > 0 && (
        <ul class="build-notes">
          {report.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {build.state === 'unconfirmed' && report?.proposal && (
        <StudioConfirm
          studio={studio}
          gameId={gameId}
          number={build.number}
          proposal={report.proposal}
          mayConfirm={mayConfirm}
          onConfirmed={onChange}
        />
      )}
      <StudioTryOut
        slug={studio.slug}
        gameId={gameId}
        build={details}
        nowMs={nowMs}
        mayChange={mayConfirm}
        onChange={onChange}
      />
      {details.manifest && <Manifest manifest={details.manifest} />}
      <p class="studio-note build-archive">
        {archive.name}, {formatBytes(archive.bytes)}, SHA-256 <code>{archive.sha256}</code>
      </p>
      {mayConfirm && build.state !== 'checking' && (
        <DeleteBuild
          slug={studio.slug}
          gameId={gameId}
          number={build.number}
          onDeleted={onDeleted}
        />
      )}
    </>
  );
}

function Problems({ problems }: { readonly problems: readonly BuildProblem[] }) {
  return (
    <ul class="build-problems">
      {problems.map(({ path, what, remedy }) => (
        <li key={`${path} ${what}`}>
          {path !== undefined && <code>{path}</code>}
          <p>{what}</p>
          {remedy !== '' && <p class="build-remedy">{remedy}</p>}
        </li>
      ))}
    </ul>
  );
}

function Manifest({ manifest }: { readonly manifest: BuildManifest }) {
  const { title, runtime, entry, resolution, frameRate, inputs, players } = manifest;
  const facts = [
    ['Title', title],
    ['Runs as', runtime === 'web' ? 'a web page' : 'a Linux program'],
    ['Entry', entry],
    ['Picture', `${resolution.width} × ${resolution.height}, ${frameRate} frames a second`],
    ['Played with', inputs.join(', ')],
    ['Players', String(players)],
  ] as const;
  return (
    <dl class="build-facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
