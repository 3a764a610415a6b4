/** Where chance comes from: seeded, so that a result is judged the same whenever it is. */
export interface Random {
  /** 0 to 1 (exclusive). */
  next(): number;
}
