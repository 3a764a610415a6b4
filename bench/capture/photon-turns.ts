import type { Browser, Page } from 'puppeteer-core';
import type { PixelSubject } from '../../gate/page/pixel-probe.ts';
import { BLOCKS, type MeasuredSender, measurePresses } from '../support/press-block.ts';
import { duringPlay, type Rockpool } from '../support/rig.ts';
import type { Peer } from './peer.ts';

export const PIXEL_PROBE = new URL('../../gate/page/pixel-probe.ts', import.meta.url);
/** The native calibration program counts presses. */
const SUBJECT: PixelSubject = { numbering: 'count' };

/**
 * Click-to-photon of a native game and of peers that stream the same program, by turns.
 * @returns ours first, then the peers in their order.
 */
export async function measureInTurns(
  browser: Browser,
  rockpool: Rockpool,
  game: string,
  peers: readonly Peer[],
  samples: number,
): Promise<MeasuredSender[]> {
  const presses = Math.ceil(samples / BLOCKS);
  const ours: MeasuredSender = { name: game, blocks: [] };
  const theirs = peers.map((peer) => {
    const measured: MeasuredSender = { name: peer.name, blocks: [] };
    return { peer, measured };
  });
  for (let block = 1; block <= BLOCKS; block++) {
    console.log(`${game}: block ${block} of ${BLOCKS}`);
    const measureOurs = (page: Page) => measurePresses(page, presses, SUBJECT);
    ours.blocks.push(
      await duringPlay(browser, rockpool, { game, probe: PIXEL_PROBE }, measureOurs),
    );
    for (const { peer, measured } of theirs) {
      console.log(`${peer.name}: block ${block} of ${BLOCKS}`);
      const measure = (other: Page) => measurePresses(other, presses, peer.subject);
      measured.blocks.push(await peer.run(measure));
    }
  }
  return [ours, ...theirs.map(({ measured }) => measured)];
}
