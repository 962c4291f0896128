export { buildApp } from './app.ts';
export { type ApiConfig, readConfig } from './config.ts';
export { createLogger, type Logger } from './logger.ts';
export type { PartsOptions } from './parts.ts';
export { type RunningApi, startApi } from './start-api.ts';
export { type AppRouter, appRouter } from './trpc/router.ts';
