import { AccessTokens } from './access-tokens.ts';
import { AuditLog } from './audit-log.ts';
import { Authoriser } from './authoriser.ts';
import { Passkeys } from './passkeys.ts';
import { SignInCodes } from './sign-in-codes.ts';
import { type AccountsOptions, SignIns } from './sign-ins.ts';
import { Studios } from './studios.ts';

/** The people of studios: who they are, what they are in, and what they did. */
export interface Accounts {
  readonly authoriser: Authoriser;
  readonly codes: SignInCodes;
  readonly passkeys: Passkeys;
  readonly signIns: SignIns;
  readonly studios: Studios;
  readonly tokens: AccessTokens;
  readonly log: AuditLog;
}

export function createAccounts(options: AccountsOptions): Accounts {
  const signIns = new SignIns(options);
  const studios = new Studios(options);
  return {
    authoriser: new Authoriser(options),
    codes: new SignInCodes({ ...options, signIns, studios }),
    passkeys: new Passkeys({ ...options, signIns }),
    signIns,
    studios,
    tokens: new AccessTokens(options),
    log: new AuditLog(options),
  };
}
