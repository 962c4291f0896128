import { appRouter } from '@longshore/api';
import type { Role } from '@longshore/contract';
import type { z } from 'zod';
import { readShape, type Shape } from './input-shape.ts';

/** A tRPC procedure as the router has it. */
export interface Procedure {
  /** Such as `jobs.submit`. */
  name: string;
  /** Such as `jobs`; empty for one at the top. */
  group: string;
  type: string;
  /** Undefined when the procedure says nothing of who may call it, which the access table refuses. */
  roles: readonly Role[] | undefined;
  /** Null for one that takes no input. */
  input: Shape | null;
}

interface Definition {
  type: string;
  inputs: z.core.$ZodType[];
  meta?: { roles?: readonly Role[] };
}

const readInput = (name: string, inputs: z.core.$ZodType[]): Shape | null => {
  if (inputs.length > 1)
    throw new Error(`${name} has several inputs: teach tests/surface/procedures.ts to merge them.`);
  return inputs[0] ? readShape(inputs[0], name) : null;
};

/** Every procedure there is, by its full name (the type says nested, but it is flat). */
export const procedures: readonly Procedure[] = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { _def: Definition }>,
)
  .map(([name, { _def }]) => ({
    name,
    group: name.includes('.') ? name.split('.')[0]! : '',
    type: _def.type,
    roles: _def.meta?.roles,
    input: readInput(name, _def.inputs),
  }))
  .sort((one, other) => (one.name < other.name ? -1 : 1));
