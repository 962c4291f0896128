import type { CommandEntry } from './command.ts';

/** Every command, in the order of the help. */
export const commandList: readonly CommandEntry[] = [
  {
    name: 'demo',
    summary: 'run a real piece of work on a temporary PostgreSQL, and lose a worker half-way',
    load: () => import('./commands/demo.ts'),
  },
  {
    name: 'dev',
    summary: 'run everything on this machine: PostgreSQL, API, a worker with example handlers',
    load: () => import('./commands/dev.ts'),
  },
  {
    name: 'migrate',
    summary: 'bring a database to this version of the schema',
    load: () => import('./commands/migrate.ts'),
  },
  {
    name: 'doctor',
    summary: 'look for what is wrong with a deployment, and say what to do',
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'submit',
    summary: 'submit a job, or many from a file',
    load: () => import('./commands/submit.ts'),
  },
  { name: 'jobs list', summary: 'list jobs, newest first', load: () => import('./commands/jobs-list.ts') },
  { name: 'jobs get', summary: 'show one job', load: () => import('./commands/jobs-get.ts') },
  {
    name: 'jobs output',
    summary: 'show what a job’s handler logged',
    load: () => import('./commands/jobs-output.ts'),
  },
  {
    name: 'jobs trail',
    summary: 'show what happened to a job, who did it and when',
    load: () => import('./commands/jobs-trail.ts'),
  },
  {
    name: 'jobs cancel',
    summary: 'cancel jobs; running ones are asked to stop',
    load: () => import('./commands/jobs-cancel.ts'),
  },
  {
    name: 'jobs retry',
    summary: 'make finished jobs available again, with fresh attempts',
    load: () => import('./commands/jobs-retry.ts'),
  },
  {
    name: 'queues list',
    summary: 'list queues with what waits in them',
    load: () => import('./commands/queues-list.ts'),
  },
  {
    name: 'queues pause',
    summary: 'let no job of a queue be claimed until it is resumed',
    load: () => import('./commands/queues-pause.ts'),
  },
  {
    name: 'queues resume',
    summary: 'let jobs of a queue be claimed again',
    load: () => import('./commands/queues-resume.ts'),
  },
  {
    name: 'queues retain',
    summary: 'keep less of a queue’s history than the deployment does',
    load: () => import('./commands/queues-retain.ts'),
  },
  {
    name: 'queues clean',
    summary: 'take finished jobs of a queue out of history',
    load: () => import('./commands/queues-clean.ts'),
  },
  {
    name: 'workers register',
    summary: 'register a worker and show its key, this once',
    load: () => import('./commands/workers-register.ts'),
  },
  {
    name: 'workers update',
    summary: 'change what a worker may do',
    load: () => import('./commands/workers-update.ts'),
  },
  {
    name: 'workers list',
    summary: 'list workers with what they may do and run, and how their processes are',
    load: () => import('./commands/workers-list.ts'),
  },
  {
    name: 'workers pick',
    summary: 'show the least loaded process that is available for a job',
    load: () => import('./commands/workers-pick.ts'),
  },
  {
    name: 'workers revoke',
    summary: 'refuse a worker’s key from now on; its jobs go to others',
    load: () => import('./commands/workers-revoke.ts'),
  },
  {
    name: 'workers revoke-all',
    summary: 'the same for every worker of the org',
    load: () => import('./commands/workers-revoke-all.ts'),
  },
  {
    name: 'keys create',
    summary: 'make an API key and show it, this once',
    load: () => import('./commands/keys-create.ts'),
  },
  { name: 'keys list', summary: 'list API keys', load: () => import('./commands/keys-list.ts') },
  {
    name: 'keys revoke',
    summary: 'refuse a key from now on',
    load: () => import('./commands/keys-revoke.ts'),
  },
  {
    name: 'keys rotate',
    summary: 'make a new key in the place of an old one, which works on for a while',
    load: () => import('./commands/keys-rotate.ts'),
  },
  {
    name: 'keys import-better-auth',
    summary: 'take over the API keys of better-auth, which go on to work unchanged',
    load: () => import('./commands/keys-import-better-auth.ts'),
  },
  {
    name: 'orgs create',
    summary: 'make an org and show its first admin key, this once',
    load: () => import('./commands/orgs-create.ts'),
  },
  {
    name: 'logins create',
    summary: 'make a PostgreSQL login for the API, a service or a dashboard, and show its URL, this once',
    load: () => import('./commands/logins-create.ts'),
  },
  {
    name: 'logins bind',
    summary: 'let a PostgreSQL login that exists act for an org',
    load: () => import('./commands/logins-bind.ts'),
  },
  {
    name: 'logins unbind',
    summary: 'take an org from a PostgreSQL login',
    load: () => import('./commands/logins-unbind.ts'),
  },
  {
    name: 'logins list',
    summary: 'list which PostgreSQL logins act for which orgs',
    load: () => import('./commands/logins-list.ts'),
  },
  { name: 'orgs list', summary: 'list orgs', load: () => import('./commands/orgs-list.ts') },
  {
    name: 'audit list',
    summary: 'list what people and keys did, newest first',
    load: () => import('./commands/audit-list.ts'),
  },
  {
    name: 'audit verify',
    summary: 'look for changes that somebody made to the audit log itself',
    load: () => import('./commands/audit-verify.ts'),
  },
];
