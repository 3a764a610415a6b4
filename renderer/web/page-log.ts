import { type DevtoolsEvent, type Fields, fieldsOf, textOf } from './devtools-pipe.ts';
import { RateBudget } from './rate-budget.ts';

/** A page that fails in every frame says the same thing 60 times a second. */
const LINES_PER_SECOND = 20;
const MAX_LINE_LENGTH = 2000;

/** Turns what a page complains of into lines of the program's log. */
export class PageLog {
  readonly #write: (line: string) => void;
  readonly #budget: RateBudget;

  constructor(write: (line: string) => void, nowMs: () => number) {
    this.#write = write;
    this.#budget = new RateBudget(LINES_PER_SECOND, nowMs);
  }

  handleEvent({ method, params }: DevtoolsEvent): void {
    const line = lineOf(method, params);
    if (line === undefined || !this.#budget.take()) return;
    const refused = this.#budget.takeRefused();
    if (refused > 0) this.#write(`(${refused} lines left out)`);
    this.#write(line.slice(0, MAX_LINE_LENGTH));
  }
}

/** Undefined for what is no complaint. */
function lineOf(method: string, params: Fields): string | undefined {
  if (method === 'Runtime.consoleAPICalled') {
    const level = textOf(params.type);
    if (level !== 'error' && level !== 'warning' && level !== 'assert') return undefined;
    const parts = Array.isArray(params.args) ? params.args.map(printed) : [];
    return `console.${level}: ${parts.join(' ')}`;
  }
  if (method === 'Runtime.exceptionThrown') {
    const details = fieldsOf(params.exceptionDetails);
    const description = textOf(fieldsOf(details.exception).description);
    const place = `${textOf(details.url)}:${Number(details.lineNumber ?? 0) + 1}`;
    return `uncaught: ${description || textOf(details.text)} (${place})`;
  }
  if (method === 'Log.entryAdded') {
    const entry = fieldsOf(params.entry);
    if (textOf(entry.level) !== 'error') return undefined;
    return `browser: ${textOf(entry.text)} ${textOf(entry.url)}`;
  }
  return undefined;
}

/** A console argument in words. */
function printed(argument: unknown): string {
  const { value, description, type } = fieldsOf(argument);
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return value === undefined ? textOf(description) || textOf(type) : String(value);
}
