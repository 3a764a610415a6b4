import { z } from 'zod';
import { PROFILES } from './network/profiles.ts';

/** The network that is there, with nothing in between. */
export const DIRECT = 'direct';

export const PROFILE_NAMES: readonly string[] = [DIRECT, ...PROFILES.keys()];

/** A network that a scenario may be measured over. */
export const profileNameSchema = z.string().refine((name) => PROFILE_NAMES.includes(name), {
  error: ({ input }) => `there is no network "${input}": ${PROFILE_NAMES.join(', ')}`,
});
