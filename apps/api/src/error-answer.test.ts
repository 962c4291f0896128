import { submitManyInput } from '@longshore/contract';
import { TRPCError } from '@trpc/server';
import { expect, test } from 'vitest';
import { toLongshoreError } from './error-answer.ts';

const refusalOf = (input: unknown) => toLongshoreError(submitManyInput.safeParse(input).error);
const job = { kind: 'mail', payload: {} };

test('a bad value is named by its path', () => {
  expect(refusalOf({ jobs: [job, job, job, { kind: 'mail', payload: { user: '\u0000' } }] })).toMatchObject({
    code: 'INVALID_INPUT',
    field: 'jobs[3].payload.user',
    message: 'jobs[3].payload.user: holds NUL or a lone surrogate',
  });
});

test('an unknown option is named', () => {
  expect(refusalOf({ jobs: [{ ...job, prioritiy: 1 }] })).toMatchObject({
    code: 'UNKNOWN_OPTION',
    field: 'jobs[0].prioritiy',
  });
});

test('an input of the wrong type altogether has no field', () => {
  expect(refusalOf('jobs')).toMatchObject({ code: 'INVALID_INPUT', field: undefined });
});

test('a JSON syntax error does not quote the body', () => {
  const cause = new SyntaxError('Unexpected token: "s3cret" is not valid JSON');
  const error = toLongshoreError(new TRPCError({ code: 'BAD_REQUEST', message: cause.message, cause }));
  expect(error).toMatchObject({ code: 'INVALID_INPUT' });
  expect(error.message).not.toContain('s3cret');
});

test('an error of our own making is kept back', () => {
  const error = toLongshoreError(new Error('row (7, s3cret) violates check'));
  expect(error.code).toBe('INTERNAL');
  expect(error.message).not.toContain('s3cret');
});
