import { parseArgs } from 'node:util';
import { PROFILES, type Profile } from '../gate/network/profiles.ts';
import { writeNativeGames } from './capture/native-games.ts';
import type { Peer, PeerOffer } from './peers/peer.ts';
import { peerOffers } from './peers/peer-offers.ts';
import { measurePeers } from './peers/peer-runs.ts';
import { peerNotes, peerTable } from './peers/peer-table.ts';
import { publish } from './support/results.ts';
import { requireBuild, startBrowser } from './support/rig.ts';
import { runBench, Skip } from './support/run-bench.ts';

/*
 * Rockpool beside what else one would stream a game with: the same picture to the same page through
 * the same networks, measured in the pixels. What is not installed is skipped, and said to be.
 */

function named<T>(list: string, what: string, known: ReadonlyMap<string, T>): T[] {
  return list.split(',').map((name) => {
    const one = known.get(name);
    if (!one) throw new Error(`There is no ${what} ${name}: ${[...known.keys()].join(', ')}.`);
    return one;
  });
}

async function openPeers(offers: readonly PeerOffer[], notes: string[]): Promise<Peer[]> {
  const peers: Peer[] = [];
  for (const offer of offers) {
    const missing = offer.missing();
    if (missing === undefined) {
      peers.push(await offer.open());
      continue;
    }
    const note = `SKIPPED ${offer.id}: ${missing}`;
    console.error(`\n${note}\n`);
    notes.push(note);
  }
  if (peers.length === 0) throw new Skip('none of these peers is installed here.');
  return peers;
}

await runBench(async (belongings) => {
  const { values } = parseArgs({
    options: {
      peers: { type: 'string' },
      profiles: { type: 'string', default: 'lan,fibre,cable,wifi' },
      seconds: { type: 'string', default: '30' },
      seed: { type: 'string', default: '1' },
    },
  });
  const profiles: Profile[] = named(values.profiles, 'profile', PROFILES);
  requireBuild();
  const browser = await startBrowser(belongings);
  const games = await writeNativeGames(belongings);
  const all = peerOffers(browser, games, belongings);
  const byId = new Map(all.map((offer) => [offer.id, offer]));
  const notes: string[] = [];
  const chosen = values.peers === undefined ? all : named(values.peers, 'peer', byId);
  const peers = await openPeers(chosen, notes);
  const plan = { profiles, seconds: Number(values.seconds), seed: Number(values.seed) };
  const { runs, failures } = await measurePeers(peers, plan, belongings);
  await publish('peers', {
    tables: [peerTable(runs)],
    notes: [
      ...notes,
      'Drawn by: the sender itself, or a program for X that draws the same picture; only rows of the same kind compare.',
      'noVNC goes over TCP, which the networks of datagrams cannot carry: it is measured over this machine alone, and tells nothing of frames and bits.',
      ...peerNotes(runs),
      ...failures.map((failure) => `BROKEN: ${failure}`),
    ],
    data: { runs, failures },
  });
});
