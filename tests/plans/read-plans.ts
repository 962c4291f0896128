import type { NestedPlan, PlanNode } from '@longshore/test-kit';
import { expect } from 'vitest';

/** Rows per item that one plan node may touch: the item itself, and a look beside it here and there. */
const rowsPerItem = 4;
const rowsBeside = 20;

/**
 * Fails when a statement reads live or finished jobs without an index, or when one of its plan's nodes touches more rows
 * than a batch of this size explains: a sort of the backlog, a join of everything with everything.
 */
export const expectIndexedAndLinear = (plans: NestedPlan[], batchSize: number): void => {
  expect(plans.length).toBeGreaterThan(0);
  for (const { query, node } of nodesOf(plans)) {
    const scanned = node['Node Type'] === 'Seq Scan' ? node['Relation Name'] : '';
    expect(scanned, query).not.toMatch(/^(jobs|finished_jobs)/);
    const rowsMax = batchSize * rowsPerItem + rowsBeside;
    expect(countRows(node), `rows of ${node['Node Type']} in ${query}`).toBeLessThanOrEqual(rowsMax);
  }
};

/** Pages read by the outermost statement, which counts those of all within it. */
export const countBuffers = (plans: NestedPlan[]): number =>
  Math.max(...plans.map(({ plan }) => plan['Shared Hit Blocks'] + plan['Shared Read Blocks']));

const nodesOf = (plans: NestedPlan[]): { query: string; node: PlanNode }[] => {
  const walk = (query: string, node: PlanNode): { query: string; node: PlanNode }[] => [
    { query, node },
    ...(node.Plans ?? []).flatMap((child) => walk(query, child)),
  ];
  return plans.flatMap(({ query, plan }) => walk(query, plan));
};

/** What a node gave and threw away, over all its loops; auto_explain gives numbers per loop. */
const countRows = (node: PlanNode): number =>
  node['Actual Loops'] *
  (node['Actual Rows'] +
    Number(node['Rows Removed by Filter'] ?? 0) +
    Number(node['Rows Removed by Join Filter'] ?? 0));
