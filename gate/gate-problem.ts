/** Why one run of a scenario is no measurement; the others go on. */
export class GateProblem extends Error {
  /** Stable, for programs. */
  readonly code: GateProblemCode;

  /** @param message a sentence that says what to do. */
  constructor(code: GateProblemCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'GateProblem';
    this.code = code;
  }
}

export type GateProblemCode =
  /** The Rockpool does not have the scenario's game. */
  | 'game-not-offered'
  | 'no-session'
  | 'no-picture'
  | 'session-ended'
  | 'browser-saturated'
  | 'other-version'
  /** Somebody pressed Ctrl+C. */
  | 'stopped'
  /** Browser or network broke. */
  | 'broken';
