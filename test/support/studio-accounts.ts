import type { Role } from '../../protocol/studio-access.ts';
import { MemoryStore } from '../../signaling/store/memory-store.ts';
import type { StudioRecord } from '../../signaling/store/studio-store.ts';
import type { Principal } from '../../signaling/studio/accounts/access-policy.ts';
import { createAccounts } from '../../signaling/studio/accounts/accounts.ts';
import { STUDIO_START_MS } from './studio-records.ts';

const ADDRESS = '192.0.2.7';

/** The people of studios, with a clock that a test moves. */
export class StudioAccounts {
  readonly store = new MemoryStore();
  wallClockMs = STUDIO_START_MS;
  readonly accounts = createAccounts({
    store: this.store.studio,
    wallClockMs: () => this.wallClockMs,
  });

  /** Whoever has this secret of a cookie, or this token. */
  async who(credentials: { session?: string; bearer?: string }): Promise<Principal | undefined> {
    return this.accounts.authoriser.authorise({
      sessionSecret: credentials.session,
      bearer: credentials.bearer,
      address: ADDRESS,
    });
  }

  async mustBe(session: string): Promise<Principal> {
    const principal = await this.who({ session });
    if (!principal) throw new Error('nobody is known by that');
    return principal;
  }

  /** The first owner: their session, and their studio. */
  async found(name = 'Ada', studio = 'Tidal Games') {
    const issued = await this.accounts.codes.issueAtStart();
    const use = { code: issued?.code ?? '', name, studio };
    const session = (await this.accounts.codes.use(use, undefined, ADDRESS))?.secret ?? '';
    return { session, studio: this.#first(await this.mustBe(session)) };
  }

  /** Somebody new, invited by that owner. */
  async invite(ownersSession: string, name: string, role: Role): Promise<string> {
    const owner = await this.mustBe(ownersSession);
    const { code } = await this.accounts.studios.invite(owner, this.#first(owner), role);
    const signIn = await this.accounts.codes.use({ code, name }, undefined, ADDRESS);
    return signIn?.secret ?? '';
  }

  /** What the log of a studio says, oldest first. */
  async logOf({ studioId }: StudioRecord): Promise<string[]> {
    const entries = await this.store.studio.audit({ studioId }, { limit: 100 });
    return entries
      .map(({ actorName, action, target, detail }) =>
        `${actorName} ${action} ${target} ${detail}`.trim(),
      )
      .reverse();
  }

  #first({ studios }: Principal): StudioRecord {
    const first = studios[0]?.studio;
    if (!first) throw new Error('in no studio');
    return first;
  }
}
