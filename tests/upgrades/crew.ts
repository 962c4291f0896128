import { fileURLToPath } from 'node:url';
import { endProcess, type ReadyProcess, spawnApi, spawnReady } from '@longshore/test-kit/processes';

/** API and worker processes, each of the release in a folder. */
export interface Crew {
  /** Answers the url. */
  startApi(release: string): Promise<string>;
  /** Ends the API at that url as a deployment does, and waits until it is gone. */
  endApi(url: string): Promise<void>;
  startWorker(release: string): Promise<void>;
  /** What no worker tried again after. */
  readonly refusals: string[];
  end(): Promise<void>;
}

export interface CrewOptions {
  /** What API processes connect to the database with. */
  apiUrl: string;
  workerKey: string;
  /** Where workers find the APIs. */
  url: string;
}

export const createCrew = ({ apiUrl, workerKey, url }: CrewOptions): Crew => {
  const apis = new Map<string, ReadyProcess>();
  const workers: ReadyProcess[] = [];
  const refusals: string[] = [];
  return {
    startApi: async (release) => {
      const api = await spawnApi(apiUrl, {}, release);
      apis.set(api.match, api);
      return api.match;
    },
    endApi: (apiAt) => endProcess(apis.get(apiAt)!.child),
    startWorker: async (release) => {
      const env = { RELEASE: release, LONGSHORE_URL: url, LONGSHORE_API_KEY: workerKey };
      const worker = await spawnReady(workerScript, /^worker (ready)$/, env);
      workers.push(worker);
      worker.lines.on('line', (line) => {
        if (line.startsWith('refused: ')) refusals.push(line.slice('refused: '.length));
      });
    },
    refusals,
    // Workers first, as they say goodbye to an API.
    end: async () => {
      await Promise.all(workers.map(({ child }) => endProcess(child)));
      await Promise.all([...apis.values()].map(({ child }) => endProcess(child)));
    },
  };
};

const workerScript = fileURLToPath(new URL('./worker-process.ts', import.meta.url));
