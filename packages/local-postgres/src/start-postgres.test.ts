import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { reachableBinaries } from './binaries.ts';
import { openClusterFolder } from './cluster-folder.ts';
import { findBinaries, startPostgres } from './index.ts';
import { serverAccount } from './server-account.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'local-postgres-test-'));
  chmodSync(home, 0o755);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

test('a stopped server leaves no process and no folder behind', async () => {
  const server = await startPostgres();
  expect(await speaksPostgres(server.port)).toBe(true);

  await server.stop();
  await server.stop();

  expect(isAlive(server.pid)).toBe(false);
  expect(existsSync(server.dataDir)).toBe(false);
});

test('a data folder keeps its cluster and its password, which only its owner may read', async () => {
  const dataDir = join(home, 'kept');
  const first = await startPostgres({ dataDir, isDurable: false });
  await first.stop();
  const second = await startPostgres({ dataDir, isDurable: false });
  await second.stop();

  expect(new URL(second.url).password).toBe(new URL(first.url).password);
  expect(statSync(join(dataDir, 'password')).mode & 0o777).toBe(0o600);
});

test('a server that an earlier run left behind makes way for the new one', async () => {
  const dataDir = join(home, 'orphaned');
  const earlier = await startPostgres({ dataDir, isDurable: false });
  await earlier.stop();
  const orphan = await spawnOrphan(dataDir, earlier.port);

  const server = await startPostgres({ dataDir, isDurable: false });

  expect(isAlive(orphan)).toBe(false);
  expect(await speaksPostgres(server.port)).toBe(true);
  await server.stop();
});

test('a folder whose server is in use is refused by name', async () => {
  const dataDir = join(home, 'in-use');
  const server = await startPostgres({ dataDir, isDurable: false });

  await expect(startPostgres({ dataDir })).rejects.toThrow(`${dataDir} is in use by process ${process.pid}`);

  expect(await speaksPostgres(server.port)).toBe(true);
  await server.stop();
});

test('a server ends when the process that started it is killed', async () => {
  const door = new URL('./index.ts', import.meta.url).href;
  const script = `const { startPostgres } = await import('${door}');
    const { pid, dataDir } = await startPostgres();
    console.log(JSON.stringify({ pid, dataDir }));
    setInterval(() => {}, 1000);`;
  const starter = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(starter.stdout, 'data');
  const { pid, dataDir } = JSON.parse(String(line)) as { pid: number; dataDir: string };

  starter.kill('SIGKILL');

  await until(() => !isAlive(pid) && !existsSync(dataDir));
});

test.skipIf(process.getuid?.() !== 0)('a folder that the server may not enter is named', async () => {
  const closed = join(home, 'closed');
  mkdirSync(closed, { mode: 0o700 });

  await expect(startPostgres({ dataDir: join(closed, 'data') })).rejects.toThrow(`may not enter ${closed}.`);
});

/** Asks for TLS, as every PostgreSQL client may; a server without it answers with the letter N. */
const speaksPostgres = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1');
  socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString() === 'N';
};

const spawnOrphan = async (dataDir: string, port: number): Promise<number> => {
  const account = serverAccount();
  const { postgres } = reachableBinaries(await findBinaries(), openClusterFolder(dataDir, account), account);
  const flags = ['-D', join(dataDir, 'pgdata'), '-p', String(port), '-c', 'unix_socket_directories='];
  const orphan = spawn(postgres, flags, { ...account, cwd: dataDir, stdio: 'ignore', detached: true });
  const lockFile = join(dataDir, 'pgdata', 'postmaster.pid');
  await until(() => existsSync(lockFile) && readFileSync(lockFile, 'utf8').includes('ready'));
  return orphan.pid!;
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const until = async (isTrue: () => boolean): Promise<void> => {
  while (!isTrue()) await delay(20);
};
