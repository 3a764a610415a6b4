import { describe, expect, it } from 'vitest';
import { DEFAULT_STREAM_SETTINGS, type StreamSettings } from '../../../protocol/stream-settings.ts';
import type { OwnDisplay } from '../../../renderer/game-catalogue.ts';
import { GamePicture } from '../../../server/session/game-picture.ts';

const HD = { width: 1280, height: 720 };
const SMALL = { width: 640, height: 360 };
const VGA = { width: 800, height: 600 };
const FIXED: OwnDisplay = { resolution: VGA, resizable: false, frameRate: 35 };
const SLOW = { framesPerSecond: 10, frameCostP95Ms: 90 };

function open(display: OwnDisplay | undefined, settings: Partial<StreamSettings> = {}) {
  return new GamePicture({
    autoResolution: display?.resolution ?? HD,
    display,
    settings: { ...DEFAULT_STREAM_SETTINGS, ...settings },
  });
}

describe('GamePicture of a game that draws at any size', () => {
  it('is what the player chose, and all of it is sent', () => {
    const picture = open(undefined, { resolution: SMALL, frameRate: 120 });
    expect(picture.asked).toEqual(SMALL);
    expect(picture.shape).toMatchObject({ resolution: SMALL, frameRate: 120 });
    expect(picture.shape.largestSent).toBeUndefined();
    expect([picture.handleSecond(SLOW), picture.handleSecond(SLOW)]).toEqual([false, false]);
  });

  it('becomes smaller where the machine cannot keep up with its own choice', () => {
    const picture = open(undefined);
    expect([picture.handleSecond(SLOW), picture.handleSecond(SLOW)]).toEqual([false, true]);
    expect(picture.asked).toEqual({ width: 960, height: 540 });
    expect(picture.shape.resolution).toEqual(picture.asked);
  });

  it('does not believe a frame that is still of the size before', () => {
    const picture = open(undefined, { resolution: SMALL });
    expect(picture.handleFrame(HD)).toBe(false);
    expect(picture.shape.resolution).toEqual(SMALL);
  });
});

describe('GamePicture of a game with a display of its own', () => {
  it('is the size of the display, at the rate of the game', () => {
    const picture = open(FIXED);
    expect(picture.asked).toEqual(VGA);
    expect(picture.shape).toMatchObject({ resolution: VGA, frameRate: 35, largestSent: undefined });
    expect(open(FIXED, { frameRate: 30 }).frameRate).toBe(30);
  });

  it('sends no more than the player chose, and asks the game for nothing', () => {
    const picture = open(FIXED, { resolution: SMALL });
    expect(picture.asked).toEqual(VGA);
    expect(picture.shape).toMatchObject({ resolution: VGA, largestSent: SMALL });
  });

  it('asks a game that follows for what the player chose, and believes its frames', () => {
    const picture = open({ ...FIXED, resizable: true }, { resolution: HD });
    expect(picture.asked).toEqual(HD);
    expect(picture.shape.resolution).toEqual(VGA);
    expect(picture.handleFrame(HD)).toBe(true);
    expect(picture.handleFrame(HD)).toBe(false);
    expect(picture.shape.resolution).toEqual(HD);
    picture.applySettings(DEFAULT_STREAM_SETTINGS);
    expect(picture.asked).toEqual(VGA);
  });

  it('follows a game that changes its display, and tells of even sizes within bounds', () => {
    const picture = open(FIXED);
    expect(picture.handleFrame({ width: 641, height: 481 })).toBe(true);
    expect(picture.shape.resolution).toEqual({ width: 640, height: 480 });
    expect(picture.handleFrame({ width: 641, height: 481 })).toBe(false);
    picture.handleFrame({ width: 7680, height: 4320 });
    expect(picture.shape.resolution).toEqual({ width: 3840, height: 2160 });
  });

  it('is not made smaller because the game itself is slow', () => {
    const picture = open(FIXED);
    expect([picture.handleSecond(SLOW), picture.handleSecond(SLOW)]).toEqual([false, false]);
  });
});
