import { router } from '../procedures.ts';
import { create } from './create.ts';
import { list } from './list.ts';

export const orgsRouter = router({
  create,
  list,
});
