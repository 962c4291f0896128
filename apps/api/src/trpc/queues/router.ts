import { router } from '../procedures.ts';
import { clean } from './clean.ts';
import { counts } from './counts.ts';
import { list } from './list.ts';
import { pause } from './pause.ts';
import { resume } from './resume.ts';
import { retain } from './retain.ts';
import { watch } from './watch.ts';

export const queuesRouter = router({
  list,
  counts,
  clean,
  retain,
  pause,
  resume,
  watch,
});
