import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { z } from 'zod';
import { RockpoolError } from '../../../protocol/errors.ts';
import type {
  AssertionResponse,
  PasskeyListing,
  RegistrationResponse,
} from '../../../protocol/studio-messages.ts';
import type {
  ChallengeRecord,
  PasskeyRecord,
  StudioRecords,
  StudioStore,
} from '../../store/studio-store.ts';
import type { Principal } from './access-policy.ts';
import { actorOf, auditRecord, type Deed } from './audit-trail.ts';
import { type IssuedCode, issueCode } from './one-time-code.ts';
import type { AccountsOptions, NewSignIn, SignIns } from './sign-ins.ts';

/** A person looks for their key or phone meanwhile. */
const CEREMONY_MS = 5 * 60 * 1000;
const MAX_PASSKEYS = 20;

/** Where the browser is: passkeys are made for a host, and work there alone. */
export interface Site {
  /** A host without its port. */
  readonly rpId: string;
  readonly origin: string;
}

/** What a browser says it has signed (WebAuthn level 3 §5.8.1). */
const clientDataSchema = z.looseObject({ challenge: z.string(), origin: z.string() });

export interface PasskeysOptions extends AccountsOptions {
  readonly signIns: SignIns;
}

/** Passkeys: made and used in ceremonies between a browser, its person and us. */
export class Passkeys {
  readonly #store: StudioStore;
  readonly #wallClockMs: () => number;
  readonly #signIns: SignIns;

  constructor({ store, wallClockMs, signIns }: PasskeysOptions) {
    this.#store = store;
    this.#wallClockMs = wallClockMs;
    this.#signIns = signIns;
  }

  /** What a browser needs to sign somebody in. It says nothing of who there is. */
  async signInOptions({ rpId }: Site): Promise<{ readonly challenge: string }> {
    const options = await generateAuthenticationOptions({
      rpID: rpId,
      userVerification: 'preferred',
      timeout: CEREMONY_MS,
    });
    await this.#challenge(options.challenge, 'sign-in', undefined);
    return options;
  }

  /** @throws RockpoolError `unauthorised`, `forbidden-origin` */
  async signIn(response: AssertionResponse, site: Site, address: string): Promise<NewSignIn> {
    await this.#take(response.response.clientDataJSON, site, 'sign-in', undefined);
    const passkey = await this.#store.passkey(response.id);
    if (!passkey) {
      throw refusal(
        'This passkey is not known here, or was removed. Use another one, or a code from the operator.',
      );
    }
    const { userHandle } = response.response;
    if (userHandle && Buffer.from(userHandle, 'base64url').toString() !== passkey.personId) {
      throw refusal('This passkey belongs to somebody else. Use another one.');
    }
    const { newCounter } = await this.#checked(async () => {
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response: asJson(response),
        expectedChallenge: challengeOf(response.response.clientDataJSON),
        expectedOrigin: site.origin,
        expectedRPID: site.rpId,
        // Asked for, and not given by a key without PIN: that is its person's choice.
        requireUserVerification: false,
        credential: {
          id: passkey.credentialId,
          publicKey: new Uint8Array(Buffer.from(passkey.publicKey, 'base64url')),
          counter: passkey.counter,
        },
      });
      return verified ? authenticationInfo : undefined;
    });
    return this.#store.transact(async (records) => {
      const person = await records.person(passkey.personId);
      // Somebody else has just used this count: one of the two is a copy.
      const used = await records.usePasskey(passkey, newCounter, this.#wallClockMs());
      if (!person || !used) throw refusal('This passkey was used elsewhere meanwhile. Try again.');
      const from = { via: 'session', address } as const;
      return this.#signIns.begin(records, person, from, `with ${passkey.name}`);
    });
  }

  /** What a browser needs to make a passkey for somebody who is signed in. */
  async registrationOptions(
    principal: Principal,
    { rpId }: Site,
  ): Promise<{ readonly challenge: string }> {
    const { personId, name } = mustBeThere(principal);
    const known = (await this.#store.passkeysOf(personId)).filter((one) => one.rpId === rpId);
    const options = await generateRegistrationOptions({
      rpName: 'Rockpool',
      rpID: rpId,
      userName: name,
      userDisplayName: name,
      userID: new Uint8Array(Buffer.from(personId)),
      timeout: CEREMONY_MS,
      attestationType: 'none',
      // Not the same authenticator twice.
      excludeCredentials: known.map(({ credentialId }) => ({ id: credentialId })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
    });
    await this.#challenge(options.challenge, 'register', principal);
    return options;
  }

  /** @throws RockpoolError `unauthorised`, `forbidden-origin`, `conflict` */
  async register(
    principal: Principal,
    name: string,
    response: RegistrationResponse,
    site: Site,
  ): Promise<void> {
    const { personId } = mustBeThere(principal);
    await this.#take(response.response.clientDataJSON, site, 'register', principal);
    const { credential } = await this.#checked(async () => {
      const { verified, registrationInfo } = await verifyRegistrationResponse({
        response: asJson(response),
        expectedChallenge: challengeOf(response.response.clientDataJSON),
        expectedOrigin: site.origin,
        expectedRPID: site.rpId,
        requireUserVerification: false,
      });
      return verified ? registrationInfo : undefined;
    });
    await this.#store.transact(async (records) => {
      await records.lockPerson(personId);
      if ((await records.passkeysOf(personId)).length >= MAX_PASSKEYS) {
        throw new RockpoolError('conflict', `You have ${MAX_PASSKEYS} passkeys. Remove one first.`);
      }
      const added = await records.addPasskey({
        credentialId: credential.id,
        personId,
        name,
        publicKey: Buffer.from(credential.publicKey).toString('base64url'),
        counter: credential.counter,
        transports: response.response.transports ?? [],
        rpId: site.rpId,
        createdAtMs: this.#wallClockMs(),
        lastUsedAtMs: undefined,
      });
      if (!added) throw new RockpoolError('conflict', 'This passkey is known here already.');
      await this.#note(records, principal, { action: 'passkey.added', target: name });
    });
  }

  async list(principal: Principal): Promise<PasskeyListing[]> {
    const passkeys = await this.#store.passkeysOf(mustBeThere(principal).personId);
    return passkeys.map(({ credentialId, name, rpId, createdAtMs, lastUsedAtMs }) => ({
      id: credentialId,
      name,
      host: rpId,
      addedAtMs: createdAtMs,
      lastUsedAtMs: lastUsedAtMs ?? null,
    }));
  }

  async rename(principal: Principal, credentialId: string, name: string): Promise<void> {
    await this.#store.transact(async (records) => {
      const passkey = await mustOwn(records, principal, credentialId);
      if (passkey.name === name) return;
      await records.renamePasskey(credentialId, name);
      const detail = `${passkey.name} → ${name}`;
      await this.#note(records, principal, { action: 'passkey.renamed', target: name, detail });
    });
  }

  /**
   * @param evenLast whether it may be the last one.
   * @returns with the last one gone, a code that lets its person in once more.
   * @throws RockpoolError `conflict` for the last one, `not-found`
   */
  async remove(
    principal: Principal,
    credentialId: string,
    evenLast: boolean,
  ): Promise<IssuedCode | undefined> {
    const { personId } = mustBeThere(principal);
    return this.#store.transact(async (records) => {
      await records.lockPerson(personId);
      const { name } = await mustOwn(records, principal, credentialId);
      const isLast = (await records.passkeysOf(personId)).length === 1;
      if (isLast && !evenLast) {
        throw new RockpoolError(
          'conflict',
          'This is your last passkey: without it you come in with a code alone. Add another one first.',
        );
      }
      await records.removePasskey(credentialId);
      await this.#note(records, principal, { action: 'passkey.removed', target: name });
      if (!isLast) return undefined;
      await this.#note(records, principal, { action: 'code.created', target: principal.name });
      return issueCode(records, { purpose: 'sign-in', personId }, this.#wallClockMs());
    });
  }

  #challenge(
    challenge: string,
    purpose: ChallengeRecord['purpose'],
    principal: Principal | undefined,
  ): Promise<void> {
    const nowMs = this.#wallClockMs();
    const expiresAtMs = nowMs + CEREMONY_MS;
    const record = { challenge, purpose, personId: principal?.personId, expiresAtMs };
    return this.#store.transact(async (records) => {
      // Anybody may ask for one, and few are answered: they must not pile up.
      await records.forgetExpired(nowMs, 0);
      await records.addChallenge(record);
    });
  }

  /** Each challenge is good for one answer, right or wrong. */
  async #take(
    clientDataJson: string,
    site: Site,
    purpose: ChallengeRecord['purpose'],
    principal: Principal | undefined,
  ): Promise<void> {
    const { challenge, origin } = readClientData(clientDataJson);
    const taken = await this.#store.transact((records) =>
      records.takeChallenge(challenge, this.#wallClockMs()),
    );
    if (taken?.purpose !== purpose || taken.personId !== principal?.personId) {
      throw refusal('This took too long, or was sent before. Try again.');
    }
    if (origin === site.origin) return;
    throw new RockpoolError(
      'forbidden-origin',
      `This passkey was asked for by a page of ${origin.slice(0, 200)}. Open the studio at ${site.origin}.`,
    );
  }

  /** @throws RockpoolError `unauthorised` where the library does not accept what was signed. */
  async #checked<T>(verify: () => Promise<T | undefined>): Promise<T> {
    let cause: unknown;
    try {
      const info = await verify();
      if (info) return info;
    } catch (thrown) {
      cause = thrown;
    }
    throw refusal('What this passkey has signed is not right. Try again.', cause);
  }

  #note(records: StudioRecords, principal: Principal, deed: Deed): Promise<void> {
    return records.appendAudit(auditRecord(actorOf(principal), deed, this.#wallClockMs()));
  }
}

/** A token is no person: it makes no passkeys. @throws RockpoolError `unauthorised` */
function mustBeThere(principal: Principal): Principal {
  if (principal.proof.kind === 'session') return principal;
  throw refusal('This takes somebody who is signed in.');
}

/** @throws RockpoolError `not-found` */
async function mustOwn(
  records: StudioRecords,
  principal: Principal,
  credentialId: string,
): Promise<PasskeyRecord> {
  const passkey = await records.passkey(credentialId);
  if (passkey && passkey.personId === mustBeThere(principal).personId) return passkey;
  throw new RockpoolError('not-found', 'There is no such passkey: it may be removed already.');
}

function readClientData(clientDataJson: string): z.infer<typeof clientDataSchema> {
  try {
    const text = Buffer.from(clientDataJson, 'base64url').toString();
    return clientDataSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw refusal('What this passkey has signed cannot be read. Try again.', cause);
  }
}

function challengeOf(clientDataJson: string): string {
  return readClientData(clientDataJson).challenge;
}

/** The library's types know no null and no undefined. */
function asJson<T>(response: unknown): T {
  return JSON.parse(JSON.stringify(response, (_key, value) => value ?? undefined)) as T;
}

function refusal(message: string, cause?: unknown): RockpoolError {
  return new RockpoolError('unauthorised', message, { cause });
}
