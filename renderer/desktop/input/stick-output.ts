/** What a stick of a pad drives. */
export interface StickOutput {
  /** Each −1 to 1, right and down positive, dead zone taken out. */
  handle(x: number, y: number): void;
  /** The stick is let go. */
  rest(): void;
}
