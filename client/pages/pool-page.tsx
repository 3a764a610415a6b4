import type { PooledRegion, PoolReport } from '../../protocol/pool-report.ts';
import { Illustration } from './illustration.tsx';
import { JoinRecipes } from './join-recipes.tsx';
import { useLeavingKeys } from './leaving-keys.ts';
import { Masthead } from './masthead.tsx';
import { usePageTitle } from './page-title.ts';
import type { Polled } from './polled.ts';
import { PolledView } from './polled-view.tsx';
import { PoolMachine } from './pool-machine.tsx';
import { countOf } from './pool-words.ts';
import { useQuietRefresh } from './use-quiet-refresh.ts';

export type PoolView = Polled<PoolReport>;

/** The machines there are, and how busy they are. */
export function PoolPage({ pool }: { readonly pool: PoolView }) {
  usePageTitle('The pool');
  useLeavingKeys();
  useQuietRefresh(pool);
  return (
    <div class="library">
      <Masthead here="pool" />
      <main>
        <header class="page-head">
          <h1>The pool</h1>
          <p>Every machine that runs games here, and how much room it has.</p>
        </header>
        <PolledView polled={pool} failureTitle="The pool cannot be seen" skeleton={<Skeleton />}>
          {(report) => (report.totals.containers === 0 ? <Empty /> : <Report report={report} />)}
        </PolledView>
      </main>
    </div>
  );
}

function Report({ report }: { readonly report: PoolReport }) {
  const { totals, waiting, regions } = report;
  const listed = regions.reduce((sum, { containers }) => sum + containers.length, 0);
  return (
    <>
      <dl class="totals">
        <Total name="Machines" value={totals.containers} />
        <Total name="Games being played" value={totals.sessions} />
        <Total name="Free places" value={totals.freePlaces} />
        <Total name="Players waiting" value={waiting} />
      </dl>
      {listed < totals.containers && (
        <p class="list-note">
          {countOf(listed, 'machine')} are listed, of each region those that are here for longest.
          The sums are of all {totals.containers.toLocaleString('en')}.
        </p>
      )}
      <div data-focus-first>
        {regions.map((region) => (
          <Region key={region.name} region={region} />
        ))}
      </div>
      <p class="list-note">
        One of these is yours? <a href="/console">Look after your machines</a>. You make games?{' '}
        <a href="/studio">Open your studio</a>.
      </p>
    </>
  );
}

function Total({ name, value }: { readonly name: string; readonly value: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value.toLocaleString('en')}</dd>
    </div>
  );
}

function Region({ region }: { readonly region: PooledRegion }) {
  const { name, totals, containers } = region;
  return (
    <section class="shelf" aria-label={`Region ${name}`}>
      <header class="region-head">
        <h2>{name}</h2>
        <p>
          {countOf(totals.containers, 'machine')} · {countOf(totals.freePlaces, 'place')} free
        </p>
      </header>
      <ul class="machines">
        {containers.map((machine) => (
          <li key={`${machine.name} ${machine.joinedAtMs}`}>
            <PoolMachine machine={machine} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Empty() {
  return (
    <section class="panel">
      <Illustration icon="server" />
      <h2>No machine is in the pool yet</h2>
      <p>Any machine can join and leave again at will. Start one and it appears here by itself.</p>
      <JoinRecipes />
    </section>
  );
}

function Skeleton() {
  return (
    <div class="skeleton machines" role="status">
      <span class="visually-hidden">Looking for machines</span>
      <div class="bone strip" />
      <div class="bone" />
      <div class="bone" />
      <div class="bone" />
    </div>
  );
}
