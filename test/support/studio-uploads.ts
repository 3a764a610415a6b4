import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { type BuildDetails, buildDetailsSchema } from '../../protocol/studio-builds.ts';
import { rawTar } from './archives/raw-tar.ts';
import { RawUploader } from './raw-upload.ts';
import { SignalingFixture } from './signaling-fixture.ts';
import { StudioBrowser } from './studio-browser.ts';
import { invitedTo, signedInOwner } from './studio-games.ts';

export const GAMES = '/studios/tidal-games/games';
export const TIDE = `${GAMES}/tide`;

/** Unpacking and packing start processes, one after the other, on a machine that may be busy. */
export const CHECKED = { timeout: 60_000, interval: 100 };

/** A server with its first owner, to whose game Tide builds are uploaded. */
export class StudioUploads {
  readonly fixture: SignalingFixture;
  readonly ada: StudioBrowser;
  readonly uploader: RawUploader;

  private constructor(fixture: SignalingFixture, ada: StudioBrowser) {
    this.fixture = fixture;
    this.ada = ada;
    this.uploader = RawUploader.of(this.url, ada);
  }

  static async start(
    overrides: Parameters<typeof SignalingFixture.start>[0] = {},
  ): Promise<StudioUploads> {
    const fixture = await SignalingFixture.start(overrides);
    fixture.wallClockMs = Date.now();
    const ada = await signedInOwner(fixture);
    await ada.must('POST', GAMES, { id: 'tide', title: 'Tide' });
    return new StudioUploads(fixture, ada);
  }

  /** Of the server, as the pages have it. */
  get url(): string {
    return this.fixture.url.replace('127.0.0.1', 'localhost');
  }

  /** Where the server keeps what studios upload. */
  get folder(): string {
    return join(this.fixture.folder, 'data', 'studio');
  }

  /** Of somebody who is not signed in. */
  browser(): StudioBrowser {
    return new StudioBrowser(this.url);
  }

  invited(name: string, role: string): Promise<StudioBrowser> {
    return invitedTo(this.fixture, this.ada, name, role);
  }

  token(scopes: string[]): Promise<{ token: string; tokenId: string }> {
    const wish = { name: 'CI', scopes, lifetimeDays: 7 };
    return this.ada.must('POST', '/studios/tidal-games/tokens', wish);
  }

  /** A build of Tide, once it is checked. */
  async settled(number: number): Promise<BuildDetails> {
    await vi.waitFor(async () => {
      const { state } = await this.ada.must<BuildDetails>('GET', `${TIDE}/builds/${number}`);
      expect(state).not.toBe('checking');
    }, CHECKED);
    return buildDetailsSchema.parse(await this.ada.must('GET', `${TIDE}/builds/${number}`));
  }

  /** Names of archives and of what was unpacked of them. */
  leftOvers(): string[] {
    return ['uploads', 'archives', 'unpacking'].flatMap((name) => {
      const folder = join(this.folder, name);
      return existsSync(folder) ? readdirSync(folder) : [];
    });
  }

  close(): Promise<void> {
    return this.fixture.close();
  }
}

/** An archive of a build that is complete. */
export function webBuild(
  manifest: object = {},
  page = '<!doctype html><title>Tide</title>',
): Buffer {
  const rockpool = { id: 'tide', title: 'Tide', runtime: 'web', entry: 'index.html', ...manifest };
  return rawTar([
    { name: 'index.html', content: page },
    { name: 'rockpool.json', content: JSON.stringify(rockpool) },
  ]);
}
