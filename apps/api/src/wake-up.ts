import type { Listener, ListenerOptions, Notifier } from '@longshore/db';
import type { Nudges } from './live/nudges.ts';

export interface WakeUpOptions {
  /** Parked claims of this process. */
  desk: { wake(orgId: number): void; wakeWorker(orgId: number, workerId: string): boolean; sweep(): unknown };
  /** Worker processes that listen here. */
  nudges: Pick<Nudges, 'nudge' | 'recheck'>;
  /** Keys, workers or sessions of these orgs are no longer what this process remembers. */
  onChanged(orgIds: readonly number[]): void;
  /** Notices of any kind and org may have been missed. */
  onMissed(): void;
  /** Word to and from the other processes; null when this one only polls. */
  notifier: Pick<Notifier, 'sender' | 'wake' | 'changed' | 'nudge' | 'stop'> | null;
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
  /** There is news for these sessions, which may listen anywhere: their next heartbeat should come at once. */
  nudge(sessionIds: readonly string[]): void;
  readonly listener: 'off' | 'attached' | 'detached';
  start(): void;
  stop(): Promise<void>;
}

export const createWakeUp = (options: WakeUpOptions): WakeUp => {
  const { desk, nudges, onChanged, onMissed, notifier, connectListener } = options;
  const tellChanged = (orgIds: readonly number[]): void => {
    onChanged(orgIds);
    nudges.recheck(orgIds);
  };
  const listener = connectListener?.({
    onNotice: (notice) => {
      if (notice.sender === notifier?.sender) return;
      if (notice.type === 'wake') notice.orgIds.forEach(desk.wake);
      else if (notice.type === 'nudge') nudges.nudge(notice.sessionIds);
      else tellChanged(notice.orgIds);
    },
    // What was notified before the listener was attached reached nobody.
    onAttached: () => {
      onMissed();
      nudges.recheck();
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
      tellChanged([orgId]);
      notifier?.changed(orgId);
    },
    nudge: (sessionIds) => {
      nudges.nudge(sessionIds);
      // Whoever listens here may have moved on: a connection that is cut is noticed late.
      for (const sessionId of sessionIds) notifier?.nudge(sessionId);
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
