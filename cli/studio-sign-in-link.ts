import type { Environment } from '../protocol/environment.ts';
import { signInLinkSchema } from '../protocol/studio-messages.ts';
import { operatorOf } from './operator-requests.ts';
import { say } from './say.ts';

/** What is given to `rockpool studio sign-in-link`. */
export interface SignInLinkOptions {
  /** Name or id; the only owner there is, or the first one, where left out. */
  readonly person?: string | undefined;
  /** Address of signaling; that of this machine where left out. */
  readonly url?: string | undefined;
}

/**
 * Prints a link that lets somebody into the studio, once, made by the signaling that runs.
 * @throws RockpoolError
 */
export async function saySignInLink(
  environment: Environment,
  { person, url }: SignInLinkOptions,
): Promise<void> {
  const order = person === undefined ? {} : { person };
  const pool = operatorOf(environment, { url });
  const answer = await pool.ask('POST', '/api/operator/studio-sign-in-link', order);
  const made = signInLinkSchema.parse(answer);
  const until = new Date(made.expiresAtMs).toISOString().slice(0, 16).replace('T', ' ');
  say(`For ${made.person ?? 'the first owner'}, once, until ${until} UTC:`);
  say(made.link);
}
