import type { CallFrame, CpuProfile } from './cpu-profile.ts';
import { placeOf } from './place.ts';

/** A function as called from its parent, with the time spent in it and below it. */
export interface Frame {
  name: string;
  /** Package or repo-relative path and line, such as `pg/lib/client.js:612`; empty for native code. */
  place: string;
  /** What the time is counted under: a package, one of our files, node's own modules. */
  group: string;
  /** Microseconds in the function itself. */
  selfUs: number;
  /** Microseconds in it and in all that it called. */
  totalUs: number;
  children: Frame[];
}

/** A stretch of a run, in microseconds of the profile's clock. */
export interface Stretch {
  startUs: number;
  endUs: number;
}

/**
 * Folds the samples taken within a stretch into one tree of calls; its root has the given name. Each sample counts for
 * the time until the next one.
 */
export const foldSamples = (profile: CpuProfile, { startUs, endUs }: Stretch, name: string): Frame => {
  const root = { ...emptyFrame(name), group: name };
  const pathOf = pathsOf(profile);
  let atUs = profile.startTime;
  profile.samples.forEach((sample, index) => {
    atUs += profile.timeDeltas[index] ?? 0;
    if (atUs < startUs || atUs >= endUs) return;
    // V8 now and then dates a sample before the one it took earlier.
    addSample(root, pathOf(sample), Math.max(0, profile.timeDeltas[index + 1] ?? profile.endTime - atUs));
  });
  return root;
};

/** The time in every frame of the tree, children before their parents. */
export const listFrames = (frame: Frame): Frame[] => [...frame.children.flatMap(listFrames), frame];

/** What V8 shows beside functions: nothing to do, its own work outside of JavaScript, and garbage collection. */
export const isOutsideCode = ({ name, place }: Frame): boolean =>
  place === '' && ['(idle)', '(program)', '(garbage collector)'].includes(name);

/** Answers with the frames from below the root down to a node. */
const pathsOf = ({ nodes }: CpuProfile): ((id: number) => readonly CallFrame[]) => {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const paths = new Map<number, CallFrame[]>();
  const pathOf = (id: number): CallFrame[] => {
    const parent = parents.get(id);
    if (parent === undefined) return [];
    const path = paths.get(id) ?? [...pathOf(parent), frames.get(id)!];
    paths.set(id, path);
    return path;
  };
  return pathOf;
};

const addSample = (root: Frame, path: readonly CallFrame[], us: number): void => {
  let frame = root;
  frame.totalUs += us;
  for (const called of path) {
    frame = childOf(frame, called);
    frame.totalUs += us;
  }
  frame.selfUs += us;
};

/** The same function with other optimisations is another node to V8, not to us. */
const childOf = (frame: Frame, called: CallFrame): Frame => {
  const child = { ...emptyFrame(called.functionName || '(anonymous)'), ...placeOf(called) };
  const known = frame.children.find(({ name, place }) => name === child.name && place === child.place);
  if (!known) frame.children.push(child);
  return known ?? child;
};

const emptyFrame = (name: string): Frame => ({
  name,
  place: '',
  group: '',
  selfUs: 0,
  totalUs: 0,
  children: [],
});
