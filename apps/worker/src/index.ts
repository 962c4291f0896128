export { loadHandlers } from './load-handlers.ts';
export { runWorkerProcess } from './run-worker-process.ts';
