import { type Controls, MAX_HEADING, type World } from './world.ts';

/** Steers along the lane, which no rock reaches into: the attract screen's skipper. */
export class Autopilot implements Controls {
  steer = 0;
  boost = false;

  /** Reads the world and sets the controls for the next step. */
  look(world: World): void {
    const { boat, course } = world;
    // The boat needs about a quarter of a second to come round; look that much further.
    const lookaheadM = 5 + boat.speed * 0.38;
    const dx = course.laneX(boat.z + lookaheadM) - boat.x;
    this.steer = Math.min(Math.max(Math.atan2(dx, lookaheadM) / MAX_HEADING, -1), 1);
    const straight = Math.abs(course.laneX(boat.z + 90) - boat.x) < 12;
    if (this.boost) this.boost = world.boost > 0.1;
    else this.boost = world.boost > 0.75 && straight;
  }
}
