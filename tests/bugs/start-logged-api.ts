import { Writable } from 'node:stream';
import { type RunningApi, readConfig, startApi } from '@longshore/api';

/** Another API on a test's database, and what it says of its troubles. */
export interface LoggedApi extends RunningApi {
  /** Lines of its log, at level error. */
  lines: string[];
  /** What `/health/ready` answers. */
  readiness(): Promise<{ httpStatus: number; listener: string; message?: string }>;
}

/** Starts an API in this process with these settings, by their environment names, on any free port. */
export const startLoggedApi = async (env: Record<string, string>): Promise<LoggedApi> => {
  const lines: string[] = [];
  const logTo = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(...String(chunk).split('\n').filter(Boolean));
      done();
    },
  });
  const config = readConfig({ LONGSHORE_PORT: '0', LONGSHORE_LOG_LEVEL: 'error', ...env });
  const running = await startApi(config, { logTo });
  return {
    ...running,
    lines,
    readiness: async () => {
      const response = await fetch(`${running.url}/health/ready`);
      const { listener, message } = (await response.json()) as { listener: string; message?: string };
      return { httpStatus: response.status, listener, ...(message !== undefined && { message }) };
    },
  };
};
