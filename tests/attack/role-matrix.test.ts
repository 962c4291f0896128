import { errorCodes, roles } from '@longshore/contract';
import { useDatabase } from '@longshore/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, ask, openApp } from '../surface/open-app.ts';
import { type Procedure, procedures } from '../surface/procedures.ts';
import { attackersOf, makeVictim, type Victim } from './attackers.ts';
import { note } from './note.ts';

const database = useDatabase();
let opened: Awaited<ReturnType<typeof openApp>>;
let victim: Victim;

beforeAll(async () => {
  opened = await openApp(database.apiUrl);
  victim = await makeVictim(opened.app, database);
});
afterAll(() => opened?.close());

/** Inputs that no procedure takes: whoever may not call it must not be told so. */
const badInputs = ['{"surely_unknown":1}', '[]', 'null', '{"id":', ''];

describe.for(procedures)('S-02: $name', (procedure) => {
  test('is refused to every role that the access table does not name, before its input is read', async ({
    task,
  }) => {
    const wrong = attackersOf(victim, victim).filter(
      ({ role }) => role === null || !procedure.roles?.includes(role),
    );
    for (const { name, key, role } of wrong) {
      const code = role === null ? 'UNAUTHENTICATED' : 'FORBIDDEN';
      for (const input of badInputs) {
        const answer = await ask(opened.app, procedure, key, input);
        expect({ name, ...verdictOf(answer) }).toEqual({ name, status: errorCodes[code].httpStatus, code });
        expectFixedShape(answer);
      }
    }
    const cases = wrong.length * badInputs.length;
    note(task, { suite: 'role matrix', procedures: 1, principals: 12, cases, leaks: 0, writes: 0 });
  });

  test('is open to every role that it names: its input is read', async () => {
    for (const role of roles.filter((each) => procedure.roles?.includes(each))) {
      // Without an input there is nothing to be refused for, and no telling what the call would do.
      if (!procedure.input) continue;
      const answer = await ask(opened.app, procedure, victim.keys[role], '{"surely_unknown":1}');
      expect({ role, ...verdictOf(answer) }).toMatchObject({ role, status: 400 });
      expect(['INVALID_INPUT', 'UNKNOWN_OPTION']).toContain(answer.error?.code);
      expectFixedShape(answer);
    }
  });
});

test('an input that is read is refused for its unknown field', async () => {
  const taking = procedures.filter(({ input }) => input !== null);
  expect(taking.length).toBeGreaterThan(20);
  for (const procedure of taking) {
    const role = (procedure as Procedure).roles![0]!;
    const { error } = await ask(opened.app, procedure, victim.keys[role], '{"surely_unknown":1}');
    expect(error?.field, procedure.name).toBeTruthy();
  }
});

const verdictOf = ({ status, error }: Answer) => ({ status, code: error?.code });

/** The error of an answer holds these fields and no others; see docs/errors.md. */
const expectFixedShape = ({ text, status }: Answer): void => {
  const { error } = JSON.parse(text) as { error: { data: Record<string, unknown> } };
  expect(Object.keys(error).sort()).toEqual(['code', 'data', 'message']);
  const allowed = ['code', 'httpStatus', 'longshore', 'path', 'requestId'];
  expect(Object.keys(error.data).filter((key) => !allowed.includes(key))).toEqual([]);
  expect(error.data.httpStatus).toBe(status);
};
