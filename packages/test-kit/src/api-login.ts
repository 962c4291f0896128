import { randomBytes } from 'node:crypto';
import { connect, createLogins } from '@longshore/db';
import { runOnServer } from './admin-connection.ts';

/** A PostgreSQL login like that of a deployed API: a member of longshore_api and nothing else. */
export interface ApiLogin {
  login: string;
  password: string;
}

/** Makes one for this run; roles belong to the whole cluster, so other runs on the same server have their own. */
export const createApiLogin = async (templateUrl: string): Promise<ApiLogin & { drop(): Promise<void> }> => {
  const login = `longshore_test_${randomBytes(6).toString('hex')}`;
  const db = connect({ url: templateUrl, poolSize: 1 });
  try {
    const password = await createLogins(db).ensureLogin({ login, role: 'api' });
    return {
      login,
      password,
      drop: async () => void (await runOnServer(templateUrl, `drop role if exists ${login}`)),
    };
  } finally {
    await db.close();
  }
};
