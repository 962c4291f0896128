import { router } from '../procedures.ts';
import { list } from './list.ts';
import { pause } from './pause.ts';
import { resume } from './resume.ts';

export const queuesRouter = router({
  list,
  pause,
  resume,
});
