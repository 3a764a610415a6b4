import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { formatDay, formatMoment, formatTime } from './time-words.ts';
import type { Task } from './use-task.ts';

/** Why something did not work, told to a screen reader at once. */
export function Problem({ task }: { readonly task: Task }) {
  return (
    <p class="studio-problem" role="alert">
      {task.problem.value}
    </p>
  );
}

export interface CardProps {
  readonly title: string;
  readonly note?: ComponentChildren;
  /** In its upper right corner. */
  readonly action?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** One subject of the page. */
export function Card({ title, note, action, children }: CardProps) {
  const id = useId();
  return (
    <section class="studio-card" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {action}
      </header>
      {note !== undefined && <p class="studio-note">{note}</p>}
      {children}
    </section>
  );
}

export interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly autocomplete?: string;
  readonly placeholder?: string;
  readonly maxLength?: number;
}

/** A line of text to be filled in. */
export function Field(props: FieldProps) {
  const { label, value, onInput, autocomplete = 'off', placeholder, maxLength = 60 } = props;
  const id = useId();
  return (
    <div class="studio-field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        required
        autocomplete={autocomplete}
        spellcheck={false}
        maxLength={maxLength}
        placeholder={placeholder}
        value={value}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
    </div>
  );
}

export interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly options: readonly { readonly value: T; readonly words: string }[];
  readonly value: T;
  readonly onChange: (value: T) => void;
  /** Whether its name is for screen readers alone. */
  readonly bare?: boolean;
  /** Whether something else is under way: then it stays as it is. */
  readonly busy?: boolean;
}

/** One of several. */
export function Choice<T extends string>(props: ChoiceProps<T>) {
  const { label, options, value, onChange, bare = false, busy = false } = props;
  const id = useId();
  return (
    <div class="studio-field">
      <label for={id} class={bare ? 'visually-hidden' : ''}>
        {label}
      </label>
      <div class="select">
        <select
          id={id}
          value={value}
          aria-disabled={busy}
          onChange={({ currentTarget }) => {
            if (busy) {
              currentTarget.value = value;
              return;
            }
            const chosen = options.find((option) => option.value === currentTarget.value);
            if (chosen) onChange(chosen.value);
          }}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.words}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

/** A secret to be taken along, shown this once. */
export function CopyField({ label, text }: { readonly label: string; readonly text: string }) {
  const field = useRef<HTMLInputElement>(null);
  const copied = useSignal<string | undefined>(undefined);
  const id = useId();
  const copy = async () => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(text);
      copied.value = 'Copied';
    } catch (cause) {
      // Pages without TLS have no clipboard, and a browser may refuse.
      console.error('The browser did not copy.', cause);
      copied.value = 'Selected: copy it with Ctrl+C';
    }
  };
  return (
    <div class="studio-field studio-copy">
      <label for={id}>{label}</label>
      <input
        id={id}
        ref={field}
        type="text"
        readOnly
        value={text}
        onFocus={({ currentTarget }) => currentTarget.select()}
      />
      <button type="button" class="button" onClick={() => void copy()}>
        Copy
      </button>
      <span role="status">{copied.value}</span>
    </div>
  );
}

/** How long a second press is waited for: time to read the question, also for who is slow at it. */
const CONFIRM_MS = 10_000;

export interface ConfirmButtonProps {
  readonly label: string;
  /** What the button says until it is pressed a second time. */
  readonly question: string;
  /** What it is about, for who does not see where it stands. */
  readonly about: string;
  /** Whether something else is under way: then it takes no press, and forgets none. */
  readonly busy: boolean;
  readonly onConfirm: () => void;
}

/** A button for what cannot be undone: it asks once. */
export function ConfirmButton(props: ConfirmButtonProps) {
  const { label, question, about, busy, onConfirm } = props;
  const asking = useSignal(false);
  const isAsking = asking.value;
  useEffect(() => {
    if (!isAsking || busy) return;
    const timer = setTimeout(() => {
      asking.value = false;
    }, CONFIRM_MS);
    return () => clearTimeout(timer);
  }, [asking, isAsking, busy]);
  return (
    <button
      type="button"
      class={isAsking ? 'button studio-small studio-danger' : 'button quiet studio-small'}
      aria-label={`${isAsking ? question : label} ${about}`}
      aria-disabled={busy}
      onClick={() => {
        if (busy) return;
        if (isAsking) onConfirm();
        asking.value = !isAsking;
      }}
    >
      {isAsking ? question : label}
    </button>
  );
}

export interface WhenProps {
  readonly atMs: number;
  readonly nowMs: number;
  /** Whether it begins its sentence. */
  readonly begins?: boolean;
}

/** "today, 21:14", and exactly for who points at it. */
export function When({ atMs, nowMs, begins = false }: WhenProps) {
  const day = formatDay(atMs, nowMs);
  return (
    <time dateTime={new Date(atMs).toISOString()} title={formatMoment(atMs)}>
      {begins ? day : day.replace(/^(Today|Yesterday)$/, (word) => word.toLowerCase())},{' '}
      {formatTime(atMs)}
    </time>
  );
}
