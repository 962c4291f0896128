import { measureCancel } from './cancel.ts';
import { flatnessGroups } from './flatness/index.ts';
import type { MeasureGroup } from './measures/bench.ts';
import { measureDrain, measureLongDrain } from './measures/drain.ts';
import { measureLife } from './measures/life.ts';
import { measurePickup } from './measures/pickup.ts';
import { measureSubmit } from './measures/submit.ts';
import { measureWaking } from './waking.ts';
import { measureWatchers } from './watchers.ts';

/** What `--only` names, in the order in which they run. */
export const groups: Record<string, MeasureGroup> = {
  submit: measureSubmit,
  drain: measureDrain,
  'long-drain': measureLongDrain,
  pickup: measurePickup,
  life: measureLife,
  ...flatnessGroups,
  waking: measureWaking,
  cancel: measureCancel,
  watchers: measureWatchers,
};
