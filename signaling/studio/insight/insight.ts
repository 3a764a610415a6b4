import { setImmediate as breathe } from 'node:timers/promises';
import type { GameId } from '../../../protocol/ids.ts';
import type { LatencyCounts } from '../../../protocol/latency-histogram.ts';
import type { BuildId } from '../../../protocol/studio-builds.ts';
import {
  type BuildComparison,
  type ComparedBuild,
  type InsightQuery,
  type InsightReport,
  insightSlotMs,
  MAX_INSIGHT_SESSIONS,
} from '../../../protocol/studio-insight.ts';
import type { PlayRecord, Store } from '../../store/store.ts';
import type { StudioRecord } from '../../store/studio-store.ts';
import { byCodeUnit } from '../../text-order.ts';
import { demand, type Principal } from '../accounts/access-policy.ts';
import { studioGame } from '../games/studio-game.ts';
import { type InsightRow, insightCsv } from './insight-csv.ts';
import { InsightTallies, InsightTally } from './insight-tally.ts';
import { compareLatency, MAX_COMPARED_SESSIONS, seededRandom } from './latency-comparison.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Read at once: about 25 ms where the database is in this process, and then others have a turn. */
const PIECE_SESSIONS = 200;
/** What is listed beside one another at most. */
const MAX_LISTED = 60;
/** Looked through for channels. */
const MAX_RELEASES = 500;

export interface InsightOptions {
  readonly store: Store;
  /** Epoch milliseconds. */
  readonly wallClockMs: () => number;
}

interface Build {
  readonly buildId: BuildId;
  readonly number: number;
  readonly label: string;
}

/** What one question is answered from. */
interface View {
  readonly gameId: GameId;
  readonly query: InsightQuery;
  readonly sinceMs: number;
  readonly nowMs: number;
  readonly slotMs: number;
  readonly channels: readonly string[];
  readonly isOnChannel: (session: PlayRecord) => boolean;
  readonly isOfBuild: (session: PlayRecord) => boolean;
}

/** How a studio's games perform, for those who may know. Of players only their number is told. */
export class Insight {
  readonly #store: Store;
  readonly #wallClockMs: () => number;

  constructor({ store, wallClockMs }: InsightOptions) {
    this.#store = store;
    this.#wallClockMs = wallClockMs;
  }

  /** @throws RockpoolError `not-found`, `forbidden` */
  async report(
    principal: Principal,
    studio: StudioRecord,
    gameId: GameId,
    query: InsightQuery,
  ): Promise<InsightReport> {
    const view = await this.#view(principal, studio, gameId, query);
    const { nowMs, slotMs, sinceMs } = view;
    const total = new InsightTally();
    const slots = new InsightTallies<number>();
    const builds = new InsightTallies<BuildId | null>();
    const regions = new InsightTallies<string>();
    const browsers = new InsightTallies<string | null>();
    const latencies = new Map<BuildId, LatencyCounts[]>();
    let looked = 0;
    for await (const session of this.#sessions(view)) {
      looked++;
      const { buildId, reportedFrom: region, browser, quality, startedAtMs } = session;
      if (!view.isOnChannel(session)) continue;
      const isOfBuild = view.isOfBuild(session);
      const isThere = query.region === undefined || region === query.region;
      const isBy = query.browser === undefined || browser === query.browser;
      // Each list leaves the filter of its own kind aside.
      if (isThere && isBy) {
        builds.add(buildId ?? null, session, nowMs);
        if (buildId && quality?.clickToPhoton) {
          const known = latencies.get(buildId);
          if (!known) latencies.set(buildId, [quality.clickToPhoton]);
          else if (known.length < MAX_COMPARED_SESSIONS) known.push(quality.clickToPhoton);
        }
      }
      if (isOfBuild && isBy && region !== undefined) regions.add(region, session, nowMs);
      if (isOfBuild && isThere) browsers.add(browser ?? null, session, nowMs);
      if (!isOfBuild || !isThere || !isBy) continue;
      total.add(session, nowMs);
      slots.add(slotOf(startedAtMs, slotMs), session, nowMs);
    }
    const known = await this.#buildsOf(builds.largest(MAX_LISTED).map(([buildId]) => buildId));
    const listed = builds
      .largest(MAX_LISTED)
      .map(([buildId, tally]) => ({ build: buildId ? known.get(buildId) : undefined, tally }))
      .sort((a, b) => (b.build?.number ?? 0) - (a.build?.number ?? 0));
    return {
      nowMs,
      fromMs: sinceMs,
      slotMs,
      limited: looked >= MAX_INSIGHT_SESSIONS,
      total: total.figures(),
      slots: slots
        .all()
        .map(([atMs, tally]) => ({ atMs, figures: tally.figures() }))
        .sort((a, b) => a.atMs - b.atMs),
      builds: listed.map(({ build, tally }) => ({
        number: build?.number ?? null,
        label: build?.label ?? '',
        figures: tally.figures(),
      })),
      regions: regions
        .largest(MAX_LISTED)
        .map(([region, tally]) => ({ region, figures: tally.figures() })),
      browsers: browsers
        .largest(MAX_LISTED)
        .map(([browser, tally]) => ({ browser, figures: tally.figures() })),
      channels: [...view.channels],
      comparison: await comparisonOf(query, listed, latencies),
    };
  }

  /** The same over time and by build, for other programs. @throws RockpoolError as {@link report} does. */
  async csv(
    principal: Principal,
    studio: StudioRecord,
    gameId: GameId,
    query: InsightQuery,
  ): Promise<string> {
    const view = await this.#view(principal, studio, gameId, query);
    const { slotMs, nowMs } = view;
    const slots = new Map<number, InsightTallies<BuildId | null>>();
    const seen = new Set<BuildId | null>();
    for await (const session of this.#sessions(view)) {
      const { buildId = null, reportedFrom, browser, startedAtMs } = session;
      if (!view.isOnChannel(session) || !view.isOfBuild(session)) continue;
      if (query.region !== undefined && reportedFrom !== query.region) continue;
      if (query.browser !== undefined && browser !== query.browser) continue;
      const atMs = slotOf(startedAtMs, slotMs);
      const builds = slots.get(atMs) ?? new InsightTallies();
      slots.set(atMs, builds);
      builds.add(buildId, session, nowMs);
      seen.add(buildId);
    }
    const known = await this.#buildsOf([...seen]);
    const rows = [...slots].flatMap(([slotAtMs, builds]) =>
      builds.all().map(([buildId, tally]): InsightRow => {
        const build = buildId ? known.get(buildId) : undefined;
        return { slotAtMs, slotMs, build, figures: tally.figures() };
      }),
    );
    const numberOf = ({ build }: InsightRow) => build?.number ?? 0;
    return insightCsv(rows.sort((a, b) => a.slotAtMs - b.slotAtMs || numberOf(a) - numberOf(b)));
  }

  async #view(
    principal: Principal,
    studio: StudioRecord,
    gameId: GameId,
    query: InsightQuery,
  ): Promise<View> {
    demand(principal, studio.studioId, 'insight:read');
    const { games } = this.#store.studio;
    await studioGame(games, studio, gameId);
    const releases = await games.releases(gameId, MAX_RELEASES);
    const onChannel = new Set(
      releases
        .filter(({ channel }) => channel === query.channel)
        .flatMap(({ buildId, beforeBuildId }) => [buildId, beforeBuildId]),
    );
    const build =
      query.build === undefined ? undefined : await games.buildByNumber(gameId, query.build);
    const slotMs = insightSlotMs(query.days);
    const nowMs = this.#wallClockMs();
    return {
      gameId,
      query,
      // Whole slots: a first one that is half as long would look like a quiet one.
      sinceMs: Math.ceil((nowMs - query.days * DAY_MS) / slotMs) * slotMs,
      nowMs,
      slotMs,
      channels: [...new Set(releases.map(({ channel }) => channel))].sort(byCodeUnit),
      isOnChannel: ({ buildId }) =>
        query.channel === undefined || (buildId !== undefined && onChannel.has(buildId)),
      isOfBuild: ({ buildId }) =>
        query.build === undefined || (build !== undefined && buildId === build.buildId),
    };
  }

  /**
   * The newest sessions, newest first. They are added up here and not by the database: a distribution in
   * JSON costs Postgres ten times what it costs us, and a database in this process keeps everybody
   * waiting meanwhile.
   */
  async *#sessions({ gameId, sinceMs }: View): AsyncGenerator<PlayRecord> {
    let after: PlayRecord | undefined;
    for (let read = 0; read < MAX_INSIGHT_SESSIONS; read += PIECE_SESSIONS) {
      const page = { sinceMs, limit: PIECE_SESSIONS, after };
      const sessions = await this.#store.playsOfGame(gameId, page);
      yield* sessions;
      after = sessions.at(-1);
      if (sessions.length < PIECE_SESSIONS) return;
      await breathe();
    }
  }

  async #buildsOf(buildIds: readonly (BuildId | null)[]): Promise<ReadonlyMap<BuildId, Build>> {
    const known = new Map<BuildId, Build>();
    for (const buildId of buildIds) {
      const build = buildId ? await this.#store.studio.games.build(buildId) : undefined;
      if (build) known.set(build.buildId, build);
    }
    return known;
  }
}

function slotOf(atMs: number, slotMs: number): number {
  return Math.floor(atMs / slotMs) * slotMs;
}

interface Listed {
  readonly build: Build | undefined;
  readonly tally: InsightTally;
}

/** @param listed the newest first. */
async function comparisonOf(
  { build, against }: InsightQuery,
  listed: readonly Listed[],
  latencies: ReadonlyMap<BuildId, readonly LatencyCounts[]>,
): Promise<BuildComparison | null> {
  const played = listed.flatMap(({ build: known, tally }) => (known ? [{ known, tally }] : []));
  const newer = played.find(({ known }) => known.number === (build ?? known.number));
  if (!newer) return null;
  const others = played.filter((one) => one !== newer);
  const older =
    others.find(({ known }) => known.number === against) ??
    others.find(({ known }) => known.number < newer.known.number);
  if (!older) return null;
  const [mine, theirs] = [newer, older].map(({ known }) => latencies.get(known.buildId) ?? []);
  const random = seededRandom(newer.known.number);
  return {
    newer: comparedBuild(newer.known, newer.tally),
    older: comparedBuild(older.known, older.tally),
    ...(await compareLatency(mine ?? [], theirs ?? [], random, breathe)),
  };
}

function comparedBuild({ number }: Build, tally: InsightTally): ComparedBuild {
  const { clickToPhotonP50Ms, clickToPhotonP95Ms, stagesMs } = tally.figures();
  return { number, sessions: tally.measured, clickToPhotonP50Ms, clickToPhotonP95Ms, stagesMs };
}
