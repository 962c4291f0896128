import { startTcpProxy, type Target, targetAt } from '@longshore/test-kit/processes';

/** One address before several API processes, as a load balancer is. */
export interface Balancer {
  url: string;
  /** Where new connections go, in turns. */
  send(apiUrls: readonly string[]): void;
  close(): Promise<void>;
}

export const startBalancer = async (): Promise<Balancer> => {
  let targets: Target[] = [];
  let turn = 0;
  const pickTarget = (): Target | undefined => {
    turn += 1;
    return targets[turn % targets.length];
  };
  const { port, close } = await startTcpProxy({ pickTarget });
  return {
    url: `http://127.0.0.1:${port}`,
    send: (apiUrls) => {
      targets = apiUrls.map(targetAt);
    },
    close,
  };
};
