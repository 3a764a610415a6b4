/**
 * One step of the database from a release to a later one. Once released it is never changed: what it got
 * wrong is put right by the next. It runs once, in one transaction with all others that are due.
 */
export interface Migration {
  /** 1, 2, 3 and so on, without a gap. */
  readonly version: number;
  readonly name: string;
  /** Statements, each ended by a semicolon. */
  readonly sql: string;
}
