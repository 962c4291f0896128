import { LongshoreError } from '@longshore/contract';
import { type Login, loginRoles } from '@longshore/db';

export const loginOptions = {
  role: { type: 'string', value: 'ROLE', help: 'api, submit or reader' },
  org: { type: 'string', value: 'SLUG', help: 'the org it acts for; * lets a reader read every org' },
} as const;

/** The login that the command line names. Throws INVALID_INPUT for a role that is none. */
export const readLogin = (
  login: string,
  { role, org }: { role?: string | undefined; org?: string | undefined },
): Login => {
  const known = loginRoles.find((name) => name === role);
  if (known) return { login, role: known, org };
  throw new LongshoreError('INVALID_INPUT', `--role must be one of ${loginRoles.join(', ')}.`, {
    field: 'role',
  });
};
