import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BUILT_IN_GAMES } from '../../renderer/game-catalogue.ts';
import { readContainerConfig } from '../../server/config.ts';

describe('readContainerConfig', () => {
  it('has a default for everything but the token', () => {
    const config = readContainerConfig({});
    expect(config).toMatchObject({
      dataFolder: resolve('data'),
      signalingUrl: 'http://127.0.0.1:8080',
      region: 'local',
      joinToken: undefined,
      slots: undefined,
      udpPorts: undefined,
      games: [],
      allowNetwork: false,
      windowLimitMs: 20_000,
      installPackages: true,
      runtimes: ['linux', 'web'],
      buildCacheBytes: 20e9,
    });
    expect(config.name).not.toBe('');
  });

  it('reads lists, ranges and flags', () => {
    const config = readContainerConfig({
      ROCKPOOL_ENCODERS: 'h264_nvenc, libx264',
      ROCKPOOL_UDP_PORTS: '40000-40100',
      ROCKPOOL_PUBLIC_ADDRESSES: '203.0.113.7,2001:db8::1',
      ROCKPOOL_LOOPBACK_ONLY: 'true',
    });
    expect(config).toMatchObject({
      encoders: ['h264_nvenc', 'libx264'],
      udpPorts: [40_000, 40_100],
      publicAddresses: ['203.0.113.7', '2001:db8::1'],
      loopbackOnly: true,
    });
  });

  it('reads what builds there are and what they may', () => {
    const config = readContainerConfig({
      ROCKPOOL_GAMES: '/srv/games:./a, b:',
      ROCKPOOL_ALLOW_NETWORK: 'true',
      ROCKPOOL_WINDOW_SECONDS: '300',
      ROCKPOOL_INSTALL_PACKAGES: 'false',
    });
    expect(config).toMatchObject({
      games: ['/srv/games', './a, b'],
      allowNetwork: true,
      windowLimitMs: 300_000,
      installPackages: false,
    });
    expect(() => readContainerConfig({ ROCKPOOL_INSTALL_PACKAGES: 'yes' })).toThrow(
      /ROCKPOOL_INSTALL_PACKAGES=yes: auto or false/,
    );
  });

  it('reads which builds of studios are played, and how much of them is kept', () => {
    const config = readContainerConfig({
      ROCKPOOL_RUNTIMES: 'web',
      ROCKPOOL_BUILD_CACHE_GB: '0.5',
    });
    expect(config).toMatchObject({ runtimes: ['web'], buildCacheBytes: 5e8 });
    expect(readContainerConfig({ ROCKPOOL_RUNTIMES: 'none' }).runtimes).toEqual([]);
    expect(() =>
      readContainerConfig({ ROCKPOOL_RUNTIMES: 'mac', ROCKPOOL_BUILD_CACHE_GB: '0' }),
    ).toThrow(/RUNTIMES=mac: linux, web, both.*CACHE_GB=0: a number of gigabytes/s);
  });

  it('reads which built-in games are offered', () => {
    const offered = (text: string) =>
      readContainerConfig({ ROCKPOOL_BUILT_IN_GAMES: text }).builtInGames;
    expect(readContainerConfig({}).builtInGames).toEqual([...BUILT_IN_GAMES.keys()]);
    expect(offered('calibration')).toEqual(['calibration']);
    expect(offered('none')).toEqual([]);
    expect(() => offered('calibration,chess')).toThrow(
      /ROCKPOOL_BUILT_IN_GAMES=calibration,chess: skimmer, calibration, .* or none/,
    );
  });

  it('delays stages only where it is asked to, and by no more than a second', () => {
    expect(readContainerConfig({}).delays).toEqual({ renderMs: 0, encodeMs: 0 });
    const { delays } = readContainerConfig({ ROCKPOOL_DELAY_ENCODE_MS: '60' });
    expect(delays).toEqual({ renderMs: 0, encodeMs: 60 });
    expect(() => readContainerConfig({ ROCKPOOL_DELAY_RENDER_MS: '1001' })).toThrow(
      /ROCKPOOL_DELAY_RENDER_MS=1001: a whole number of milliseconds from 0 to 1000/,
    );
  });

  it('lists every problem at once, with the variable and what is allowed', () => {
    const read = () =>
      readContainerConfig({
        ROCKPOOL_SLOTS: 'many',
        ROCKPOOL_UDP_PORTS: '9-8',
        ROCKPOOL_SIGNALING_URL: 'ftp://pool',
        ROCKPOOL_SLOT: '3',
      });
    expect(read).toThrow(/ROCKPOOL_SLOTS=many: a whole number from 1 to 1024/);
    expect(read).toThrow(/ROCKPOOL_UDP_PORTS=9-8: ports between/);
    expect(read).toThrow(/ROCKPOOL_SIGNALING_URL=ftp:\/\/pool: an http/);
    expect(read).toThrow(/ROCKPOOL_SLOT is not a variable/);
  });
});
