/** Tells the person or script that waits. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
