import { containersAndSessions } from './0001-containers-and-sessions.ts';
import type { Migration } from './migration.ts';

/** Every migration there is, in order. */
export const MIGRATIONS: readonly Migration[] = [containersAndSessions];
