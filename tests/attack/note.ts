import type { TestContext } from 'vitest';

/** A line of the table that `npm run test:attack` ends with. */
export interface Line {
  suite: string;
  procedures?: number;
  routes?: number;
  functions?: number;
  principals?: number;
  cases: number;
  leaks: number;
  writes: number;
}

declare module 'vitest' {
  export interface TaskMeta {
    attack?: Line;
  }
}

/** Hands a line to the reporter. */
export const note = (task: TestContext['task'], line: Line): void => {
  task.meta.attack = line;
};

/** How many tables differ. */
export const countChanged = (before: Record<string, string>, after: Record<string, string>): number =>
  Object.keys(after).filter((table) => before[table] !== after[table]).length;
