import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RockpoolError } from '../../protocol/errors.ts';
import { readSignalingConfig } from '../../signaling/config.ts';

const SIGNING_KEY = 'abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMN-0';

function problemsOf(environment: Record<string, string>): RockpoolError {
  try {
    readSignalingConfig(environment);
  } catch (error) {
    if (error instanceof RockpoolError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('signaling configuration', () => {
  it('needs no variable at all', () => {
    expect(readSignalingConfig({})).toEqual({
      host: '127.0.0.1',
      port: 8080,
      dataFolder: resolve('data'),
      logLevel: 'info',
      origins: [],
      iceServers: [],
      turnUrls: [],
      turnSecret: undefined,
      relayOnly: false,
      databaseUrl: undefined,
      joinToken: undefined,
      historyDays: 90,
      redisUrl: undefined,
      nodeName: hostname(),
      signingKey: undefined,
      proxies: 0,
      prewarm: 3,
      blobs: undefined,
      studioQuotaBytes: 100e9,
    });
  });

  it('reads every variable, and ignores those of other processes', () => {
    const config = readSignalingConfig({
      HOME: '/root',
      ROCKPOOL_SLOTS: '4',
      ROCKPOOL_HOST: '0.0.0.0',
      ROCKPOOL_PORT: '0',
      ROCKPOOL_DATA: '/var/lib/rockpool',
      ROCKPOOL_LOG_LEVEL: 'warn',
      ROCKPOOL_ORIGINS: 'https://play.example.org, http://localhost:5173',
      ROCKPOOL_ICE_SERVERS: '[{"urls":["stun:stun.example.org:3478"]}]',
      ROCKPOOL_TURN_URLS: 'turn:turn.example.org:3478, turns:turn.example.org',
      ROCKPOOL_TURN_SECRET: 'battery staple horse',
      ROCKPOOL_RELAY_ONLY: 'true',
      DATABASE_URL: 'postgres://user:password@db.example.org/rockpool',
      ROCKPOOL_JOIN_TOKEN: 'correct horse battery',
      ROCKPOOL_HISTORY_DAYS: '7',
      ROCKPOOL_PUBLIC_URL: 'https://play.example.org/',
      REDIS_URL: 'rediss://:password@redis.example.org:6380',
      ROCKPOOL_NODE: 'north',
      ROCKPOOL_SIGNING_KEY: SIGNING_KEY,
      ROCKPOOL_PROXIES: '2',
      ROCKPOOL_PREWARM: '0',
      ROCKPOOL_BLOBS: 'https://me:hunter2@registry.example.org/rockpool/builds/',
      ROCKPOOL_STUDIO_QUOTA_GB: '5',
    });
    expect(config).toEqual({
      host: '0.0.0.0',
      port: 0,
      dataFolder: '/var/lib/rockpool',
      logLevel: 'warn',
      origins: ['https://play.example.org', 'http://localhost:5173'],
      iceServers: [{ urls: ['stun:stun.example.org:3478'] }],
      turnUrls: ['turn:turn.example.org:3478', 'turns:turn.example.org'],
      turnSecret: 'battery staple horse',
      relayOnly: true,
      databaseUrl: 'postgres://user:password@db.example.org/rockpool',
      joinToken: 'correct horse battery',
      historyDays: 7,
      publicUrl: 'https://play.example.org',
      redisUrl: 'rediss://:password@redis.example.org:6380',
      nodeName: 'north',
      signingKey: SIGNING_KEY,
      proxies: 2,
      prewarm: 0,
      blobs: {
        kind: 'registry',
        url: 'https://registry.example.org',
        repository: 'rockpool/builds',
        authorization: 'Basic bWU6aHVudGVyMg==',
      },
      studioQuotaBytes: 5e9,
    });
  });

  it('asks for what several nodes must share', () => {
    const { message } = problemsOf({ REDIS_URL: 'redis://localhost' });
    for (const name of ['ROCKPOOL_SIGNING_KEY', 'ROCKPOOL_JOIN_TOKEN', 'DATABASE_URL']) {
      expect(message).toContain(`${name}=…: with REDIS_URL every node needs the same`);
    }
    const { message: others } = problemsOf({
      REDIS_URL: 'http://hunter2@localhost',
      ROCKPOOL_SIGNING_KEY: 'hunter2',
      ROCKPOOL_PROXIES: 'one',
    });
    expect(others).toContain('REDIS_URL=…: an address such as redis:');
    expect(others).toContain('ROCKPOOL_SIGNING_KEY=…: 32 random bytes');
    expect(others).toContain('ROCKPOOL_PROXIES=one: how many proxies');
    expect(others).not.toContain('hunter2');
  });

  it('lists every problem at once, each with what is allowed', () => {
    const error = problemsOf({
      ROCKPOOL_PORT: '65536',
      ROCKPOOL_LOG_LEVEL: 'loud',
      ROCKPOOL_ORIGINS: 'https://play.example.org/path',
      ROCKPOOL_ICE_SERVERS: '{not json',
      ROCKPOOL_JOIN_TOKEN: 'short',
      ROCKPOOL_PROT: '8080',
      DATABASE_URL: 'mysql://root:hunter2@localhost',
    });
    expect(error.message).toMatch(/DATABASE_URL=…: an address such as postgres:/);
    expect(error.code).toBe('bad-configuration');
    expect(error.message).toContain('ROCKPOOL_PORT=65536: a whole number from 0');
    expect(error.message).toContain('ROCKPOOL_LOG_LEVEL=loud: one of fatal, error, warn, info');
    expect(error.message).toContain('ROCKPOOL_ORIGINS=https://play.example.org/path: origins');
    expect(error.message).toMatch(/ROCKPOOL_ICE_SERVERS.*: a JSON array such as/);
    expect(error.message).toMatch(/ROCKPOOL_JOIN_TOKEN.*: 16 to 512 characters/);
    expect(error.message).toContain('ROCKPOOL_PROT is not a variable of Rockpool');
  });

  it.each(['-1', '80.5', 'http', '0x50', ' 80'])('refuses %j as a port', (port) => {
    expect(problemsOf({ ROCKPOOL_PORT: port }).message).toContain('ROCKPOOL_PORT=');
  });

  it.each(['0', '3651', '-1', '1.5', 'for ever'])('refuses %j as days of history', (days) => {
    expect(problemsOf({ ROCKPOOL_HISTORY_DAYS: days }).message).toContain(
      'a whole number of days from 1 to 3650',
    );
  });

  it.each([
    '"stun:a"',
    '[{"urls":["http://a"]}]',
    '[{"urls":[]}]',
    '[{"urls":["stun:a"],"key":1}]',
  ])('refuses %s as ICE servers', (servers) => {
    expect(problemsOf({ ROCKPOOL_ICE_SERVERS: servers }).message).toContain('ROCKPOOL_ICE_SERVERS');
  });

  it('repeats no secret in a problem', () => {
    const { message } = problemsOf({
      ROCKPOOL_JOIN_TOKEN: 'hunter2',
      ROCKPOOL_ICE_SERVERS: '[{"urls":"turn:t","credential":"hunter2"}]',
    });
    expect(message).toContain('ROCKPOOL_JOIN_TOKEN');
    expect(message).toContain('ROCKPOOL_ICE_SERVERS');
    expect(message).not.toContain('hunter2');
  });

  it('asks for what a relay needs', () => {
    expect(problemsOf({ ROCKPOOL_TURN_URLS: 'turn:turn.example.org' }).message).toContain(
      'ROCKPOOL_TURN_SECRET',
    );
    expect(problemsOf({ ROCKPOOL_RELAY_ONLY: 'true' }).message).toContain(
      'needs a relay: set ROCKPOOL_TURN_URLS',
    );
  });
});
