import '../styles/console.css';
import '../styles/console-machine.css';
import '../styles/console-log.css';
import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useId, useMemo } from 'preact/hooks';
import type { LiveMachine } from '../../protocol/console-report.ts';
import type { ContainerId } from '../../protocol/ids.ts';
import { ConsoleMachine } from './console-machine.tsx';
import { type MyMachine, MyMachines } from './console-machines.ts';
import { ConsoleRequests } from './console-requests.ts';
import { MachineWatch } from './console-watch.ts';
import { describeMachine } from './console-words.ts';
import { useFocusNavigation } from './focus-navigation.ts';
import { Icon } from './icon.tsx';
import { Illustration } from './illustration.tsx';
import { Masthead } from './masthead.tsx';
import { usePageTitle } from './page-title.ts';

const REFRESH_EVERY_MS = 3000;
/** How long a forgotten machine can be taken back. */
const UNDO_MS = 8000;

/** A provider's own machines, each known by the console link that was opened on this device. */
export function ConsolePage() {
  usePageTitle('Console');
  useFocusNavigation(true);
  const machines = useMemo(() => new MyMachines(() => localStorage), []);
  const watches = useMemo(() => new Watches(), []);
  const chosen = useSignal<ContainerId | undefined>(undefined);
  const forgotten = useSignal<MyMachine | undefined>(undefined);
  const damaged = useSignal(false);
  useOpenedLink(machines, chosen, damaged);
  useEffect(() => {
    const refresh = () => {
      if (document.visibilityState !== 'visible') return;
      for (const machine of machines.all.peek()) void watches.refresh(machine, machines);
    };
    // Also those that are added later: their watch is asked as soon as it is there.
    const stop = machines.all.subscribe(refresh);
    const timer = setInterval(refresh, REFRESH_EVERY_MS);
    document.addEventListener('visibilitychange', refresh);
    return () => {
      stop();
      clearInterval(timer);
      document.removeEventListener('visibilitychange', refresh);
    };
  }, [machines, watches]);
  const all = machines.all.value;
  const shown = all.find(({ containerId }) => containerId === chosen.value) ?? all[0];
  const forget = (machine: MyMachine) => {
    machines.forget(machine.containerId);
    forgotten.value = machine;
    setTimeout(() => {
      if (forgotten.peek() === machine) forgotten.value = undefined;
    }, UNDO_MS);
  };
  return (
    <div class="library console">
      <Masthead here="console" />
      <main>
        {damaged.value && (
          <p class="notice" role="alert">
            <Icon name="broken" />
            That is no console link. Copy it whole, from “Console:” to the end of the line.
          </p>
        )}
        <div class="notice-place" role="status">
          {forgotten.value && (
            <p class="notice">
              {nameOf(forgotten.value)} is forgotten on this device.
              <button
                type="button"
                class="link"
                onClick={() => {
                  if (forgotten.value) machines.restore(forgotten.value);
                  forgotten.value = undefined;
                }}
              >
                Undo
              </button>
            </p>
          )}
        </div>
        {shown === undefined ? (
          <Empty onAdd={(link) => open(link, machines, chosen, damaged)} />
        ) : (
          <div class="console-layout">
            <div class="console-side">
              <h1>My machines</h1>
              <ul class="console-list" data-focus-first>
                {all.map((machine) => (
                  <li key={machine.containerId}>
                    <Entry
                      machine={machine}
                      watch={watches.of(machine)}
                      isShown={machine === shown}
                      onChoose={() => {
                        chosen.value = machine.containerId;
                      }}
                    />
                  </li>
                ))}
              </ul>
              <details class="console-add">
                <summary>Add a machine</summary>
                <LinkForm onAdd={(link) => open(link, machines, chosen, damaged)} />
              </details>
            </div>
            <ConsoleMachine
              key={shown.token}
              watch={watches.of(shown)}
              name={nameOf(shown)}
              chosen={chosen.value !== undefined}
              onForget={() => forget(shown)}
            />
          </div>
        )}
      </main>
    </div>
  );
}

/** The watch of each machine, by its token: a newer link is another try. */
class Watches {
  readonly #watches = new Map<string, MachineWatch>();

  of({ token }: MyMachine): MachineWatch {
    const known = this.#watches.get(token);
    if (known) return known;
    const requests = new ConsoleRequests((address, init) => fetch(address, init), token);
    const watch = new MachineWatch(requests);
    this.#watches.set(token, watch);
    return watch;
  }

  async refresh(machine: MyMachine, machines: MyMachines): Promise<void> {
    const watch = this.of(machine);
    await watch.refresh();
    const state = watch.state.peek();
    if (state.name === 'ready') machines.rename(machine.containerId, state.report.name);
  }
}

/** What a machine is called: until it was asked, the beginning of its id. */
function nameOf({ name, containerId }: MyMachine): string {
  return name ?? `Machine ${containerId.slice(0, 8)}`;
}

function open(
  link: string,
  machines: MyMachines,
  chosen: Signal<ContainerId | undefined>,
  damaged: Signal<boolean>,
): void {
  const containerId = machines.add(link);
  damaged.value = containerId === undefined;
  if (containerId) chosen.value = containerId;
}

/** Takes the token out of the address bar, so that no screenshot or bookmark carries it on. */
function useOpenedLink(
  machines: MyMachines,
  chosen: Signal<ContainerId | undefined>,
  damaged: Signal<boolean>,
): void {
  useEffect(() => {
    const take = () => {
      if (location.hash.length < 2) return;
      open(location.hash, machines, chosen, damaged);
      history.replaceState(history.state, '', location.pathname);
    };
    take();
    addEventListener('hashchange', take);
    return () => removeEventListener('hashchange', take);
  }, [machines, chosen, damaged]);
}

interface EntryProps {
  readonly machine: MyMachine;
  readonly watch: MachineWatch;
  readonly isShown: boolean;
  readonly onChoose: () => void;
}

function Entry({ machine, watch, isShown, onChoose }: EntryProps) {
  const state = watch.state.value;
  const { tone, short } = describeMachine(state);
  const live = state.name === 'ready' ? state.report.live : null;
  return (
    <button
      type="button"
      class={`console-entry ${tone}`}
      aria-current={isShown ? 'true' : undefined}
      onClick={onChoose}
    >
      <i class="console-dot" aria-hidden="true" />
      <b>{nameOf(machine)}</b>
      <span>{short}</span>
      {live && (
        <span class="console-bar" aria-hidden="true">
          <i style={{ width: `${takenPercent(live)}%` }} />
        </span>
      )}
    </button>
  );
}

function takenPercent({ slots, freeSlots }: LiveMachine): number {
  return slots === 0 ? 0 : (100 * (slots - freeSlots)) / slots;
}

interface AddProps {
  readonly onAdd: (link: string) => void;
}

function LinkForm({ onAdd }: AddProps) {
  const text = useSignal('');
  const id = useId();
  return (
    <form
      class="console-form"
      onSubmit={(event) => {
        event.preventDefault();
        onAdd(text.peek());
        text.value = '';
      }}
    >
      <label for={id}>Console link</label>
      <input
        id={id}
        type="text"
        inputMode="url"
        autocomplete="off"
        spellcheck={false}
        required
        placeholder={`${location.origin}/console#…`}
        value={text.value}
        onInput={({ currentTarget }) => {
          text.value = currentTarget.value;
        }}
      />
      <button type="submit" class="button">
        Add
      </button>
    </form>
  );
}

function Empty({ onAdd }: AddProps) {
  return (
    <section class="panel">
      <Illustration icon="server" />
      <h1>Look after your machines from here</h1>
      <p>
        Every container prints a line that begins with “Console:” when it starts. Open that link on
        this device, or paste it here. Whoever has it can drain the machine and read its log, so
        keep it to yourself; it is good for 30 days.
      </p>
      <LinkForm onAdd={onAdd} />
    </section>
  );
}
