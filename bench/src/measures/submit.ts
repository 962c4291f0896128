import { bars, withBars } from '../bars.ts';
import { type Measure, measureOfRuns } from '../measure.ts';
import type { Subject } from '../subject.ts';
import { type Bench, takeTurns, withSubjects } from './bench.ts';

const manySize = 1_000;
const callersAtOnce = 32;

/** Jobs a second put in by one process: one by one with 1 and 32 callers, and in calls of 1,000. Nobody works them off. */
export const measureSubmit = (bench: Bench): Promise<Measure[]> =>
  withSubjects(bench, bench.subjectNames, async (subjects) => {
    const measure = async (name: string, submit: SubmitPattern): Promise<Measure> => {
      bench.progress(name);
      const runs = await takeTurns(bench, { measure: name, subjects }, async (subject) => {
        const figure = await submitFor(bench.tier.submit.seconds, subject, submit);
        await subject.clear();
        return figure;
      });
      return measureOfRuns(name, 'jobs/s', runs);
    };
    return [
      await measure('submit one by one, 1 caller', oneByOne(1)),
      withBars(await measure('submit one by one, 32 callers', oneByOne(callersAtOnce)), bars.submitOneByOne),
      withBars(await measure('submitMany of 1,000', inThousands), bars.submitMany),
    ];
  });

interface SubmitPattern {
  callers: number;
  jobsPerCall: number;
  call(subject: Subject): Promise<unknown>;
}

const oneByOne = (callers: number): SubmitPattern => ({
  callers,
  jobsPerCall: 1,
  call: (subject) => subject.submitOne(),
});

const inThousands: SubmitPattern = {
  callers: 1,
  jobsPerCall: manySize,
  call: (subject) => subject.submitMany(manySize),
};

/** Submits for so long after a few calls that warm up; jobs a second. */
const submitFor = async (
  seconds: number,
  subject: Subject,
  { callers, jobsPerCall, call }: SubmitPattern,
): Promise<number> => {
  await callUntil(performance.now() + seconds * 100, callers, () => call(subject));
  const startedAtMs = performance.now();
  const calls = await callUntil(startedAtMs + seconds * 1_000, callers, () => call(subject));
  return (calls * jobsPerCall * 1_000) / (performance.now() - startedAtMs);
};

/** Every caller calls again as soon as it has its answer. Answers with the number of calls. */
const callUntil = async (endAtMs: number, callers: number, call: () => Promise<unknown>): Promise<number> => {
  let calls = 0;
  const callOn = async (): Promise<void> => {
    do {
      await call();
      calls++;
    } while (performance.now() < endAtMs);
  };
  await Promise.all(Array.from({ length: callers }, callOn));
  return calls;
};
