import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { urlOfDatabase } from './admin-connection.ts';
import { createApiLogin } from './api-login.ts';
import { startDatabaseServer } from './database-server.ts';
import { makeEvidenceFolder, type SecretSearch, searchEvidence } from './evidence.ts';
import { startPooling } from './pooling.ts';
import { buildTemplate } from './template-database.ts';

/** Runs once before all tests: one database server, one migrated template. Answers with what ends the server. */
const setUp = async (project: TestProject): Promise<() => Promise<void>> => {
  process.env.NODE_COMPILE_CACHE ??= compileCache;
  const server = await startDatabaseServer();
  try {
    const templateName = await buildTemplate(server.url);
    const { drop, ...apiLogin } = await createApiLogin(urlOfDatabase(server.url, templateName));
    project.provide('adminUrl', server.url);
    project.provide('templateName', templateName);
    project.provide('apiLogin', apiLogin);
    const pooling = await startPooling(server.url, apiLogin);
    project.provide('pooling', pooling?.provided ?? null);
    const evidenceFolder = makeEvidenceFolder();
    project.provide('evidenceFolder', evidenceFolder);
    return async () => {
      await pooling?.stop();
      await drop();
      await server.stop();
      reportSecrets(searchEvidence(evidenceFolder));
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
};

/** What tests start is compiled once for all starts, which is more than half of what a start costs. */
const compileCache = join(import.meta.dirname, '../../../node_modules/.cache/node-compile');

/** A secret in a log fails the run, whatever the tests said. */
const reportSecrets = ({ logBytes, tokens, leaks }: SecretSearch): void => {
  const searched = `${(logBytes / 1_000_000).toFixed(1)} MB of logs for keys, payloads and ${tokens} lease tokens`;
  if (leaks.length === 0) return void process.stdout.write(`secrets: searched ${searched}: none\n`);
  throw new Error(`secrets: searched ${searched}: ${leaks.length}\n${leaks.slice(0, 20).join('\n')}`);
};

export default setUp;
