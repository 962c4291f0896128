import { router } from '../procedures.ts';
import { list } from './list.ts';
import { register } from './register.ts';
import { revoke } from './revoke.ts';

export const workersRouter = router({
  register,
  list,
  revoke,
});
