import { closeSync, createReadStream, mkdirSync, openSync, readdirSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Plan } from './jobs.ts';

/** A submitter is about to send a job. `key` is the job's external id. */
export interface Intent {
  what: 'intent';
  atMs: number;
  key: string;
  plan: Plan;
  /** Null where the SDK chooses it. */
  id: string | null;
  delaySeconds: number;
  /** Key of the job that must complete first. */
  parentKey: string | null;
}

/** The submitter was told that the job is stored. */
export interface Ack {
  what: 'ack';
  atMs: number;
  key: string;
  id: string;
}

/** Whoever asked for a cancel was told the state after it. */
export interface CancelAnswer {
  what: 'cancel';
  atMs: number;
  id: string;
  state: string;
}

/** A handler starts, ends its work, or was told by the server what became of the outcome it sent. */
export interface Step {
  what: 'start' | 'end' | 'told';
  atMs: number;
  id: string;
  epoch: number;
  pid: number;
  session: string;
  /** Of `end`: completed, failed, fatal or aborted. Of `told`: the state of the job. */
  outcome?: string;
}

export type LedgerLine = Intent | Ack | CancelAnswer | Step;

/** What one org's submitters and handlers wrote down. */
export interface OrgLedger {
  intents: Map<string, Intent>;
  acks: Map<string, Ack>;
  cancels: Map<string, CancelAnswer>;
  /** By job id, in the order of the files. */
  steps: Map<string, Step[]>;
}

export interface LedgerFile {
  append(...lines: LedgerLine[]): void;
  close(): void;
}

/**
 * Opens a file of the ledger. A line is in the kernel's hands before what it announces happens, so that a SIGKILL of its writer cannot
 * take it back; the machine itself never fails here, so nothing waits for the disk.
 */
export const openLedgerFile = (file: string): LedgerFile => {
  mkdirSync(dirname(file), { recursive: true });
  const fd = openSync(file, 'a');
  return {
    append: (...lines) => {
      writeSync(fd, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    },
    close: () => closeSync(fd),
  };
};

/** Reads every file of an org's folder. */
export const readLedger = async (folder: string): Promise<OrgLedger> => {
  const ledger: OrgLedger = { intents: new Map(), acks: new Map(), cancels: new Map(), steps: new Map() };
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.jsonl'))) {
    for await (const line of createInterface({ input: createReadStream(join(folder, file)) }))
      enter(ledger, JSON.parse(line) as LedgerLine);
  }
  return ledger;
};

const enter = (ledger: OrgLedger, line: LedgerLine): void => {
  switch (line.what) {
    case 'intent':
      ledger.intents.set(line.key, line);
      break;
    case 'ack':
      ledger.acks.set(line.key, line);
      break;
    case 'cancel':
      ledger.cancels.set(line.id, line);
      break;
    default: {
      const steps = ledger.steps.get(line.id);
      if (steps) steps.push(line);
      else ledger.steps.set(line.id, [line]);
    }
  }
};
