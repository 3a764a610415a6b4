import type { Page } from 'puppeteer-core';
import {
  type Address,
  askedOnce,
  rewriteSdp,
  withoutCandidates,
} from '../../../gate/network/candidates.ts';
import type { SdpRoute } from '../../baseline/receiver.ts';
import type { SenderName } from '../measure/run-record.ts';

/** What a sender needs of the relay. */
export interface RelayPaths {
  /** @returns the address that stands in for the target. */
  open(target: Address): Promise<Address>;
}

/** One way of streaming the calibration scene to a page. */
export interface Sender {
  readonly name: SenderName;
  /**
   * Streams through the relay for as long as `measure` takes.
   * @param measure gets the page that shows the scene, with the network probe in it.
   */
  run<T>(relay: RelayPaths, measure: (page: Page) => Promise<T>): Promise<T>;
}

/** Leads a stream through the relay: the offer names the relay, the answer nobody. */
export function relayRoute(relay: RelayPaths): SdpRoute {
  return {
    offer: (sdp) =>
      rewriteSdp(
        sdp,
        askedOnce((address) => relay.open(address)),
      ),
    answer: withoutCandidates,
  };
}

export const NETWORK_PROBE = new URL('../../page/network-probe.ts', import.meta.url);
