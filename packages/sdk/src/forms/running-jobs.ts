import type { RunningJob } from './job-shapes.ts';

/** Takes the progress of one run. Does nothing once the run has ended. */
type Report = (progress: unknown) => void;

/**
 * The runs of this process by job and start, so that a job can be updated by whoever holds its copy. A later run of the same
 * job is another entry: what a run that lost its lease still reports reaches nobody.
 */
const reports = new Map<string, Report>();
const keyOf = ({ metadata, startedAt }: RunningJob): string => `${metadata.id} ${startedAt}`;

/** Takes reports for the job until the function that it answers is called. */
export const takeReportsOf = (job: RunningJob, report: Report): (() => void) => {
  const key = keyOf(job);
  reports.set(key, report);
  return () => {
    if (reports.get(key) === report) reports.delete(key);
  };
};

/** Reports the progress that the copy holds; false when this process runs no such job. */
export const reportProgressOf = (job: RunningJob): boolean => {
  const report = reports.get(keyOf(job));
  report?.(job.progress);
  return report !== undefined;
};
