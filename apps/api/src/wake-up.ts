import type { Listener, ListenerOptions, Notifier } from '@longshore/db';

export interface WakeUpOptions {
  /** Parked claims of this process. */
  desk: { wake(orgId: number): void; wakeWorker(orgId: number, workerId: string): boolean; sweep(): unknown };
  /** Keys, workers or sessions of these orgs are no longer what this process remembers. */
  onChanged(orgIds: readonly number[]): void;
  /** Notices of any kind and org may have been missed. */
  onMissed(): void;
  /** Word to and from the other processes; null when this one only polls. */
  notifier: Pick<Notifier, 'sender' | 'wake' | 'changed' | 'stop'> | null;
  connectListener: ((events: Pick<ListenerOptions, 'onNotice' | 'onAttached'>) => Listener) | null;
}

/** Carries news to this process directly, to the others by a coalesced NOTIFY. */
export interface WakeUp {
  /** The org has jobs. */
  wake(orgId: number): void;
  /** A worker with limits has room again: news for its own parked claims, which other processes may hold. */
  wakeWorker(orgId: number, workerId: string): void;
  /** Keys, workers or policies of the org were changed: what is remembered of them is forgotten everywhere. */
  changed(orgId: number): void;
  readonly listener: 'off' | 'attached' | 'detached';
  start(): void;
  stop(): Promise<void>;
}

export const createWakeUp = (options: WakeUpOptions): WakeUp => {
  const { desk, onChanged, onMissed, notifier, connectListener } = options;
  const listener = connectListener?.({
    onNotice: ({ type, sender, orgIds }) => {
      if (sender === notifier?.sender) return;
      if (type === 'wake') orgIds.forEach(desk.wake);
      else onChanged(orgIds);
    },
    // What was notified before the listener was attached reached nobody.
    onAttached: () => {
      onMissed();
      desk.sweep();
    },
  });
  return {
    wake: (orgId) => {
      desk.wake(orgId);
      notifier?.wake(orgId);
    },
    wakeWorker: (orgId, workerId) => {
      if (!desk.wakeWorker(orgId, workerId)) notifier?.wake(orgId);
    },
    changed: (orgId) => {
      onChanged([orgId]);
      notifier?.changed(orgId);
    },
    get listener() {
      if (!listener) return 'off';
      return listener.isAttached ? 'attached' : 'detached';
    },
    start: () => listener?.start(),
    stop: async () => {
      await notifier?.stop();
      await listener?.stop();
    },
  };
};
