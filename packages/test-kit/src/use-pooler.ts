import { afterAll, beforeAll, inject } from 'vitest';
import { type Pooler, startPooler } from './pooler.ts';

/** A PgBouncer of the file's own (or of the `describe` it is called in) before the server of the tests, for API logins. */
export const usePooler = ({ poolSize }: { poolSize: number }): Pick<Pooler, 'urlFor'> => {
  let pooler: Pooler | undefined;
  beforeAll(async () => {
    pooler = await startPooler({ serverUrl: inject('adminUrl'), logins: [inject('apiLogin')], poolSize });
  });
  afterAll(() => pooler?.stop());
  return {
    urlFor: (url) => {
      if (!pooler) throw new Error('The pooler starts in beforeAll: use it in tests and later hooks only.');
      return pooler.urlFor(url);
    },
  };
};
