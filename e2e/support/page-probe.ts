import type { TestProject } from 'vitest/node';
import { buildPageProbe } from '../../test/support/page-probe-script.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Script that defines `window.probe`. */
    readonly pageProbe: string;
  }
}

export async function setup(project: TestProject): Promise<void> {
  project.provide('pageProbe', await buildPageProbe());
}
