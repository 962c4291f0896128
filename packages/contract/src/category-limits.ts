import { z } from 'zod';
import { text, withoutProto } from './json-value.ts';
import { limits } from './limits.ts';

/** Jobs at a time by category: `{ inference: 5 }`. A category that is not named is not limited. */
export const categoryLimits = withoutProto(
  z.record(text(limits.nameCharsMax), z.int().min(0).max(limits.heldJobsMax)),
).refine(
  (limited) => Object.keys(limited).length <= limits.categoriesMax,
  `may name ${limits.categoriesMax} categories`,
);
