#!/usr/bin/env node
import { runWorkerProcess } from './run-worker-process.ts';

// A handler left behind may hold timers and sockets; they must not keep the process.
process.exit(await runWorkerProcess(process.argv.slice(2), process.env));
