export { findBinaries, type PostgresBinaries } from './binaries.ts';
export { type RunningPostgres, type StartPostgresOptions, startPostgres } from './start-postgres.ts';
