import type { GameListing } from '../../protocol/game-info.ts';
import type { PlayedSession } from '../../protocol/player-messages.ts';
import type { QualityReport } from '../../protocol/quality-report.ts';
import { formatMs } from './display-units.ts';
import { GameCover } from './game-cover.tsx';
import { endWords, lengthWords, pictureWords, startedWords } from './history-words.ts';
import { Icon } from './icon.tsx';
import { playPath } from './route.ts';
import { formatMoment } from './time-words.ts';

/** The bar ends here: later pictures are late in any game. */
const BAR_MS = 200;

export interface HistoryRowProps {
  readonly session: PlayedSession;
  /** Undefined where the pool does not have it now. */
  readonly game: GameListing | undefined;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** One session: what, when, where, how it ended and how it was. */
export function HistoryRow({ session, game, nowMs }: HistoryRowProps) {
  const { gameId, startedAtMs, containerName, region, quality } = session;
  const title = game?.title ?? gameId;
  const length = lengthWords(session);
  return (
    <article class="played" data-focus-box>
      <GameCover title={title} coverUrl={game?.coverUrl ?? null} />
      <div class="played-what">
        <h3>{title}</h3>
        <p>
          <time dateTime={new Date(startedAtMs).toISOString()} title={formatMoment(startedAtMs)}>
            {startedWords(session, nowMs)}
          </time>
          {length !== undefined && ` · ${length}`}
        </p>
        <p class="played-where">
          <Icon name="server" />
          {containerName === '' ? 'A machine not known any more' : `${containerName}, ${region}`}
        </p>
        <p class="played-end">{endWords(session)}</p>
      </div>
      {quality === null ? (
        <p class="played-quality unknown">
          {session.endedAtMs === null ? 'Not measured yet' : 'Too short to measure'}
        </p>
      ) : (
        <Quality quality={quality} />
      )}
      {game === undefined ? (
        <p class="played-again unknown">Not in the pool now</p>
      ) : (
        <a class="button played-again" href={playPath(gameId)}>
          <Icon name="play" />
          <span>
            Play<span class="visually-hidden"> {title}</span> again
          </span>
        </a>
      )}
    </article>
  );
}

function Quality({ quality }: { readonly quality: QualityReport }) {
  const { clickToPhotonP50Ms: p50, clickToPhotonP95Ms: p95 } = quality;
  return (
    <div class="played-quality">
      {p50 === undefined || p95 === undefined ? (
        <p class="unknown">No input was timed</p>
      ) : (
        <>
          <p class="quality-of">Click to photon</p>
          <p class="percentiles">
            <strong>{formatMs(p50)}</strong> ms <abbr title="half of all inputs">p50</abbr>
            <strong>{formatMs(p95)}</strong> ms <abbr title="nineteen of twenty inputs">p95</abbr>
          </p>
          <div class="spread" aria-hidden="true">
            <i class="most" style={{ width: share(p95) }} />
            <i class="half" style={{ width: share(p50) }} />
          </div>
        </>
      )}
      <p class="picture-words">{pictureWords(quality).join(' · ')}</p>
    </div>
  );
}

function share(ms: number): string {
  return `${(100 * Math.min(ms, BAR_MS)) / BAR_MS}%`;
}
