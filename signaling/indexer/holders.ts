import type { OfferedGame } from './candidate.ts';

/** Every container that has one game, whatever its state, as decisions look at them. */
export interface Holders {
  readonly size: number;
  /** Those of them on standby. */
  readonly onStandby: number;
  has(row: number): boolean;
  /** Of a row that has it. */
  isWarm(row: number): boolean;
  /** @param place from 0 on, below `size`; in no order. */
  row(place: number): number;
  /** What the container of {@link row} offers. */
  offer(place: number): OfferedGame | undefined;
  /** What a container offers; undefined where it has it not. */
  offerOf(row: number): OfferedGame | undefined;
}
