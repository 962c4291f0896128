import type { Listener, ListenerOptions, Notifier } from '@longshore/db';

export interface WakeUpOptions {
  /** Parked claims of this process. */
  desk: { wake(orgId: number): void; sweep(): unknown };
  /** Word to and from the other processes; null when this one only polls. */
  notifier: Pick<Notifier, 'sender' | 'wake' | 'stop'> | null;
  connectListener: ((events: Pick<ListenerOptions, 'onNotice' | 'onAttached'>) => Listener) | null;
}

/** Carries the news that an org has jobs: to this process directly, to the others by a coalesced NOTIFY. */
export interface WakeUp {
  wake(orgId: number): void;
  readonly listener: 'off' | 'attached' | 'detached';
  start(): void;
  stop(): Promise<void>;
}

export const createWakeUp = ({ desk, notifier, connectListener }: WakeUpOptions): WakeUp => {
  const listener = connectListener?.({
    onNotice: ({ sender, orgIds }) => {
      if (sender !== notifier?.sender) orgIds.forEach(desk.wake);
    },
    // What was notified before the listener was attached reached nobody.
    onAttached: () => void desk.sweep(),
  });
  return {
    wake: (orgId) => {
      desk.wake(orgId);
      notifier?.wake(orgId);
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
