import { router } from '../procedures.ts';
import { create } from './create.ts';
import { createWithHash } from './create-with-hash.ts';
import { list } from './list.ts';
import { revoke } from './revoke.ts';
import { rotate } from './rotate.ts';

export const keysRouter = router({
  create,
  createWithHash,
  list,
  rotate,
  revoke,
});
