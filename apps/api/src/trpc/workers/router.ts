import { router } from '../procedures.ts';
import { list } from './list.ts';
import { register } from './register.ts';
import { registerWithHash } from './register-with-hash.ts';
import { revoke } from './revoke.ts';
import { revokeAll } from './revoke-all.ts';
import { update } from './update.ts';

export const workersRouter = router({
  register,
  registerWithHash,
  list,
  revoke,
  revokeAll,
  update,
});
