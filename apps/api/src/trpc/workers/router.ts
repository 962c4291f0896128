import { router } from '../procedures.ts';
import { inbox } from './inbox.ts';
import { list } from './list.ts';
import { messages } from './messages.ts';
import { pick } from './pick.ts';
import { register } from './register.ts';
import { registerWithHash } from './register-with-hash.ts';
import { revoke } from './revoke.ts';
import { revokeAll } from './revoke-all.ts';
import { send } from './send.ts';
import { update } from './update.ts';
import { watch } from './watch.ts';

export const workersRouter = router({
  register,
  registerWithHash,
  list,
  pick,
  watch,
  revoke,
  revokeAll,
  update,
  send,
  messages,
  inbox,
});
