import { type ReadonlySignal, signal } from '@preact/signals';
import { z } from 'zod';
import { readConsoleClaims } from '../../protocol/console-token.ts';
import type { ContainerId } from '../../protocol/ids.ts';

/** A machine whose console link was opened on this device. */
export interface MyMachine {
  readonly containerId: ContainerId;
  readonly token: string;
  /** As it was last called; undefined until it has been asked. */
  readonly name: string | undefined;
}

const STORAGE_KEY = 'rockpool.console';

const keptSchema = z.array(z.object({ token: z.string(), name: z.string().optional() })).catch([]);

type TextStorage = Pick<Storage, 'getItem' | 'setItem'>;

/**
 * The machines this device may look after. Their tokens stay on it. A browser that refuses storage
 * costs the memory, not the visit.
 */
export class MyMachines {
  readonly #storage: () => TextStorage;
  readonly #all = signal<readonly MyMachine[]>([]);

  /** @param storage - Called each time, because even reading `window.localStorage` may throw. */
  constructor(storage: () => TextStorage) {
    this.#storage = storage;
    this.#all.value = parseMachines(this.#read());
  }

  get all(): ReadonlySignal<readonly MyMachine[]> {
    return this.#all;
  }

  /**
   * Adds the machine of a console link or of its token, or gives a machine its newer token.
   * @returns which machine; undefined where this is no such link.
   */
  add(link: string): ContainerId | undefined {
    const machine = machineOf(link.trim().split('#').at(-1) ?? '', undefined);
    if (!machine) return undefined;
    const { containerId } = machine;
    const known = this.#all.peek().find((one) => one.containerId === containerId);
    if (known) this.#change(containerId, { ...known, token: machine.token });
    else this.#set([...this.#all.peek(), machine]);
    return containerId;
  }

  /** Puts a forgotten machine back. */
  restore(machine: MyMachine): void {
    this.forget(machine.containerId);
    this.#set([...this.#all.peek(), machine]);
  }

  forget(containerId: ContainerId): void {
    this.#set(this.#all.peek().filter((one) => one.containerId !== containerId));
  }

  rename(containerId: ContainerId, name: string): void {
    const known = this.#all.peek().find((one) => one.containerId === containerId);
    if (known && known.name !== name) this.#change(containerId, { ...known, name });
  }

  #change(containerId: ContainerId, to: MyMachine): void {
    this.#set(this.#all.peek().map((one) => (one.containerId === containerId ? to : one)));
  }

  #set(machines: readonly MyMachine[]): void {
    this.#all.value = machines;
    const kept = machines.map(({ token, name }) => ({ token, name }));
    try {
      this.#storage().setItem(STORAGE_KEY, JSON.stringify(kept));
    } catch {
      // Kept for this visit only; the link can be opened again.
    }
  }

  #read(): string | null {
    try {
      return this.#storage().getItem(STORAGE_KEY);
    } catch {
      return null;
    }
  }
}

function parseMachines(text: string | null): MyMachine[] {
  if (text === null) return [];
  let kept: unknown;
  try {
    kept = JSON.parse(text);
  } catch {
    return [];
  }
  return keptSchema.parse(kept).flatMap(({ token, name }) => machineOf(token, name) ?? []);
}

function machineOf(token: string, name: string | undefined): MyMachine | undefined {
  const claims = readConsoleClaims(token);
  return claims && { containerId: claims.sub, token, name };
}
