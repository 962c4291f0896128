#!/usr/bin/env node
import { runCli } from './run-cli.ts';

// `longshore jobs list | head` closes our output early; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
process.exitCode = await runCli(process.argv.slice(2), process.env);
// A call that still tries to reach what was just stopped must not keep the process.
setTimeout(() => process.exit(), 500).unref();
