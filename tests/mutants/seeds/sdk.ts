import type { Mutant } from '../mutant.ts';

const runner = ['packages/sdk/src/job-runner.test.ts'];
/** Workers that act on what is no longer theirs, and calls that are lost or made twice. */
export const sdkMutants: readonly Mutant[] = [
  {
    name: 'handler-not-told-to-stop',
    breaks: 'A handler goes on with a job whose lease is lost.',
    file: 'packages/sdk/src/job-run.ts',
    find: '    this.#controller?.abort(reason);\n',
    replace: '',
    tests: runner,
  },
  {
    name: 'wrong-run-stopped',
    breaks: 'The loss of an earlier lease stops the run of the present one.',
    file: 'packages/sdk/src/job-runner.ts',
    find: 'seat?.session === session && seat.run.job.leaseToken === leaseToken',
    replace: 'seat?.session === session',
    tests: runner,
  },
  {
    name: 'lost-jobs-not-stopped',
    breaks: 'What a heartbeat says of lost and cancelled jobs is not obeyed.',
    file: 'packages/sdk/src/open-session.ts',
    find: '      stopNamedJobs(event, session, runner);\n',
    replace: '',
    tests: ['tests/end-to-end/stopped-jobs.test.ts'],
  },
  {
    name: 'fenced-after-the-lease',
    breaks: 'A worker that nobody hears goes on when its jobs may have been given away.',
    file: 'packages/sdk/src/heartbeat-loop.ts',
    find: 'const fencedPart = 0.8;',
    replace: 'const fencedPart = 8;',
    tests: ['packages/sdk/src/heartbeat-loop.test.ts'],
  },
  {
    name: 'fence-reckoned-from-the-answer',
    breaks: 'A heartbeat that was long under way keeps the lease for longer than the server does.',
    file: 'packages/sdk/src/heartbeat-loop.ts',
    find: '      armFence(sentAtMs);\n',
    replace: '      armFence(performance.now());\n',
    tests: ['packages/sdk/src/heartbeat-loop.test.ts'],
  },
  {
    name: 'finish-told-once',
    breaks: 'A finish whose answer is lost is not repeated, and the job is run again.',
    file: 'packages/sdk/src/worker-session.ts',
    find: "const call = { signal, retries: 'stubborn' } as const;",
    replace: "const call = { signal, retries: 'never' } as const;",
    tests: ['packages/sdk/src/worker-session.test.ts'],
  },
  {
    name: 'jobs-started-while-stopping',
    breaks: 'A claim that is answered after the worker was told to stop starts its jobs.',
    file: 'packages/sdk/src/job-runner.ts',
    find: `    if (isStopping) giveBack(waiting);
    else startWaiting();`,
    replace: '    startWaiting();',
    tests: ['packages/sdk/src/job-runner.test.ts'],
  },
  {
    name: 'refusals-repeated',
    breaks: 'A call that will be refused again is made again.',
    file: 'packages/sdk/src/retry-policy.ts',
    find: "if (retries === 'never' || signal?.aborted || !mayPass) throw error;",
    replace: "if (retries === 'never' || signal?.aborted) throw error;",
    tests: ['packages/sdk/src/retry-policy.test.ts'],
  },
  {
    name: 'retries-without-budget',
    breaks: 'Callers bury a server in trouble under repeated calls.',
    file: 'packages/sdk/src/retry-policy.ts',
    find: "if (retries === 'budgeted' && !policy.budget.takeRetry()) throw error;",
    replace: '',
    tests: ['packages/sdk/src/retry-policy.test.ts'],
  },
  {
    name: 'key-made-twice',
    breaks: 'A call that makes a key is repeated when its answer is lost, and a key is left about.',
    file: 'packages/sdk/src/admin-client.ts',
    find: "const once = { retries: 'never' } as const;",
    replace: "const once = { retries: 'budgeted' } as const;",
    tests: ['packages/sdk/src/admin-client.test.ts'],
  },
];
