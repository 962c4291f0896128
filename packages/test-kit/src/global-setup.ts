import type { TestProject } from 'vitest/node';
import { startDatabaseServer } from './database-server.ts';
import { buildTemplate } from './template-database.ts';

/** Runs once before all tests: one database server, one migrated template. Answers with what ends the server. */
const setUp = async (project: TestProject): Promise<() => Promise<void>> => {
  const server = await startDatabaseServer();
  try {
    project.provide('adminUrl', server.url);
    project.provide('templateName', await buildTemplate(server.url));
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server.stop;
};

export default setUp;
