import type { TestProject } from 'vitest/node';
import { urlOfDatabase } from './admin-connection.ts';
import { createApiLogin } from './api-login.ts';
import { startDatabaseServer } from './database-server.ts';
import { buildTemplate } from './template-database.ts';

/** Runs once before all tests: one database server, one migrated template. Answers with what ends the server. */
const setUp = async (project: TestProject): Promise<() => Promise<void>> => {
  const server = await startDatabaseServer();
  try {
    const templateName = await buildTemplate(server.url);
    const { drop, ...apiLogin } = await createApiLogin(urlOfDatabase(server.url, templateName));
    project.provide('adminUrl', server.url);
    project.provide('templateName', templateName);
    project.provide('apiLogin', apiLogin);
    return async () => {
      await drop();
      await server.stop();
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
};

export default setUp;
