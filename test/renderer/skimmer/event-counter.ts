import type { WorldListener } from '../../../renderer/skimmer/world.ts';

/** Counts what happened in a world, for tests that ask. */
export class EventCounter implements WorldListener {
  pearls = 0;
  lines = 0;
  nearMisses = 0;
  crashes = 0;
  mends = 0;
  newRuns = 0;

  handlePearl(): void {
    this.pearls++;
  }
  handleLine(): void {
    this.lines++;
  }
  handleNearMiss(): void {
    this.nearMisses++;
  }
  handleCrash(): void {
    this.crashes++;
  }
  handleMend(): void {
    this.mends++;
  }
  handleNewRun(): void {
    this.newRuns++;
  }
}
