import type { TestDatabase } from '@longshore/test-kit';
import type { Things } from '../surface/id-kinds.ts';
import { type Answer, type App, ask } from '../surface/open-app.ts';
import { makeOrgs, type OrgKeys } from '../surface/org-keys.ts';
import { findMarks, readMarks } from '../surface/org-rows.ts';
import { type Procedure, procedures } from '../surface/procedures.ts';
import { seedOrg } from '../surface/seed-org.ts';
import { type AttackCase, attackCasesOf } from './attack-cases.ts';
import { type Attacker, attackersOf, type Victim } from './attackers.ts';
import type { Line } from './note.ts';

/** What a run of the matrix found; a leak is an answer that holds what its caller could not know. */
export interface MatrixReport {
  procedures: number;
  attackers: number;
  cases: number;
  /** Cases whose caller may call the procedure, so that only the tenant wall stood in the way. */
  admitted: number;
  leaks: string[];
  /** Callers who were let in though they may not, or refused in another way than 401 and 403. */
  misjudged: string[];
  /** Where a foreign id is answered in another way than a missing one. */
  unlike: string[];
}

export const toLine = (suite: string, report: MatrixReport, writes: number): Line => ({
  suite,
  procedures: report.procedures,
  principals: report.attackers,
  cases: report.cases,
  leaks: report.leaks.length,
  writes,
});

/** An org that attacks, for one procedure: what it does to itself harms no other case. */
interface World extends OrgKeys {
  procedure: Procedure;
  things: Things;
}

/** Orgs that attack, each with its own rows and a worker that says it serves the victim's kinds of jobs. */
export const makeWorlds = async (
  app: App,
  database: TestDatabase,
  victim: Victim,
  attacked: readonly Procedure[] = procedures,
): Promise<World[]> => {
  const orgs = await makeOrgs(database.url, attacked.length);
  const worlds: World[] = [];
  for (const [place, org] of orgs.entries())
    worlds.push({
      ...org,
      procedure: attacked[place]!,
      things: await seedOrg(app, org, victim.things.jobKind),
    });
  return worlds;
};

export interface MatrixOptions {
  /** Only those who may call a procedure try it. */
  isBrief?: boolean;
  /** Told when all that attack one procedure are through. */
  afterEach?(procedure: Procedure): Promise<void>;
}

/** Lets every attacker try every procedure with every case, and searches each answer. */
export const runMatrix = async (
  app: App,
  database: TestDatabase,
  victim: Victim,
  worlds: World[],
  { isBrief = false, afterEach }: MatrixOptions = {},
): Promise<MatrixReport> => {
  const secrets = await readMarks(database, victim.orgId);
  const report: MatrixReport = {
    procedures: worlds.length,
    attackers: 0,
    cases: 0,
    admitted: 0,
    leaks: [],
    misjudged: [],
    unlike: [],
  };
  for (const world of worlds) {
    // Whoever may call it comes last: he may end the keys of the others.
    const attackers = attackersOf(world, victim).sort(
      (one, other) => Number(mayCall(one, world.procedure)) - Number(mayCall(other, world.procedure)),
    );
    report.attackers = attackers.length;
    // Whoever says his worker serves a kind knows its name.
    const known = new Set(victim.things.jobKind);
    // His worker serves it, so what asks for workers by kind finds his own.
    const taken = new Set<string>(world.procedure.group === 'workers' ? victim.things.jobKind : []);
    for (const attacker of attackers) {
      if (isBrief && !mayCall(attacker, world.procedure)) continue;
      await attack({ app, world, victim, attacker, secrets, known, taken, report });
    }
    await afterEach?.(world.procedure);
  }
  return report;
};

interface Attack {
  app: App;
  world: World;
  victim: Victim;
  attacker: Attacker;
  secrets: Set<string>;
  /** What the attacker has sent himself. */
  known: Set<string>;
  /** What he may by now have something of his own by the name of. */
  taken: Set<string>;
  report: MatrixReport;
}

const attack = async (attempt: Attack): Promise<void> => {
  const { app, world, victim, attacker, taken, report } = attempt;
  const { procedure } = world;
  const isAdmitted = mayCall(attacker, procedure);
  for (const trial of attackCasesOf(procedure, world.things, victim.things)) {
    const where = `${procedure.name} by ${attacker.name}: ${trial.title}`;
    const answer = await ask(app, procedure, attacker.key, trial.input);
    report.cases++;
    if (isAdmitted) report.admitted++;
    else if (answer.status !== (attacker.role === null ? 401 : 403))
      report.misjudged.push(`${where}: ${answer.status}`);
    noteLeaks(attempt, trial, answer, where);
    if (!isAdmitted || !trial.input) continue;
    const isComparable = trial.foreign && !taken.has(trial.foreign) && !isUniqueEverywhere(procedure, trial);
    if (answer.status === 200 && !answer.text.includes('"ok":false'))
      for (const mark of findMarks(trial.input)) taken.add(mark);
    if (!isComparable || !trial.twin) continue;
    const twin = await ask(app, procedure, attacker.key, trial.twin);
    report.cases++;
    const [foreign, missing] = [told(answer, trial.input), told(twin, trial.twin)];
    if (foreign !== missing) report.unlike.push(`${where}:\n  ${foreign}\n  ${missing} for a missing one`);
  }
};

const mayCall = ({ role }: Attacker, { roles }: Procedure): boolean =>
  role !== null && (roles ?? []).includes(role);

const noteLeaks = (
  { secrets, known, victim, attacker, report }: Attack,
  trial: AttackCase,
  answer: Answer,
  where: string,
): void => {
  for (const mark of findMarks(trial.input ?? '')) known.add(mark);
  const text = JSON.stringify(answer.headers) + answer.text;
  for (const mark of findMarks(text)) {
    // Operators are there to see the slugs of all orgs.
    if (mark === victim.slug && attacker.role === 'operator') continue;
    if (secrets.has(mark) && !known.has(mark)) report.leaks.push(`${where}: ${mark}`);
  }
  for (const key of [...Object.values(victim.keys), ...Object.values(victim.dead)]) {
    if (text.includes(key)) report.leaks.push(`${where}: a key`);
  }
};

/** Slugs are unique over all orgs by purpose, hashes of 256 random bits by nature: who takes one that is taken is told. */
const isUniqueEverywhere = ({ name }: Procedure, { title }: AttackCase): boolean =>
  (name === 'orgs.create' && title.startsWith('slug ')) || /^\S+ is hash /.test(title);

/** An answer without what differs each time: ids, instants, new keys, and what the caller himself sent. */
const told = ({ status, headers, text }: Answer, sent: string): string => {
  const names = new Set(sent.match(/(?:canary|missing)-[0-9a-f]+|plain [0-9a-f-]+/g) ?? []);
  let plain = text;
  for (const name of names) plain = plain.replaceAll(name, '<name>');
  plain = plain
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, '<id>')
    .replaceAll(/lsh_[a-z]+_[0-9A-Za-z]{49}/g, '<key>')
    .replaceAll(/"last4":"[^"]*"/g, '<last4>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<instant>');
  const rest = Object.entries(headers)
    .filter(([name]) => !['date', 'x-request-id', 'content-length'].includes(name))
    .map(([name, value]) => `${name}: ${value}`);
  return `${status} ${plain} ${rest.join(' ')}`;
};
