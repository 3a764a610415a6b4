import { startAuthentication, startRegistration } from '@simplewebauthn/browser';
import { RockpoolError } from '../../protocol/errors.ts';
import {
  assertionResponseSchema,
  registrationResponseSchema,
  type SignedIn,
} from '../../protocol/studio-messages.ts';
import type { StudioRequests } from './studio-requests.ts';

/** What passkeys need of a browser's window. */
export type PasskeyWindow = Pick<Window, 'isSecureContext'> & {
  readonly location: Pick<Location, 'hostname' | 'port'>;
  readonly PublicKeyCredential?: unknown;
};

/** Why this page cannot use passkeys, and what to do; undefined where it can. */
export function whyNoPasskeys(window: PasskeyWindow): string | undefined {
  const { hostname, port } = window.location;
  if (!window.isSecureContext) {
    return `A browser keeps you signed in, and knows passkeys, over HTTPS or at localhost alone. Open this page with an https:// address, or on the machine itself at http://localhost${port && `:${port}`}/studio.`;
  }
  if (/^[\d.]+$|^\[/.test(hostname)) {
    return `Passkeys belong to a name, and ${hostname} is a number. Open this page by the name of its machine, or on the machine itself at http://localhost${port && `:${port}`}/studio.`;
  }
  if (window.PublicKeyCredential === undefined) {
    return 'This browser knows no passkeys. Use another one, or a code from the operator.';
  }
  return undefined;
}

/** @throws RockpoolError with what to do, also where the person has given it up. */
export async function signInWithPasskey(requests: StudioRequests): Promise<SignedIn> {
  const optionsJSON = (await requests.signInOptions()) as unknown as Parameters<
    typeof startAuthentication
  >[0]['optionsJSON'];
  const response = await ceremony(() => startAuthentication({ optionsJSON }));
  return requests.signInWithPasskey(assertionResponseSchema.parse(response));
}

/** @throws RockpoolError with what to do, also where the person has given it up. */
export async function addPasskey(requests: StudioRequests, name: string): Promise<void> {
  const optionsJSON = (await requests.registrationOptions()) as unknown as Parameters<
    typeof startRegistration
  >[0]['optionsJSON'];
  const response = await ceremony(() => startRegistration({ optionsJSON }));
  await requests.addPasskey(name, registrationResponseSchema.parse(response));
}

async function ceremony<T>(perform: () => Promise<T>): Promise<T> {
  try {
    return await perform();
  } catch (cause) {
    throw new RockpoolError('unauthorised', describe(cause), { cause });
  }
}

/** By the names of DOM exceptions (WebAuthn level 3 §5.1.3, §5.1.4). */
function describe(thrown: unknown): string {
  switch (thrown instanceof Error ? thrown.name : '') {
    case 'NotAllowedError':
    case 'AbortError':
      return 'No passkey was used: it was called off, took too long, or there is none for this address. Try again, or use a code.';
    case 'InvalidStateError':
      return 'This device or key has a passkey here already.';
    case 'SecurityError':
      return 'The browser allows no passkeys at this address. Open the studio over HTTPS, or at localhost.';
    default:
      return 'The browser could not do this. Try another device or key, or use a code.';
  }
}
