/** Takes back a subscription. */
export type Unsubscribe = () => void;

export interface Events<Map extends object> {
  on<Name extends keyof Map>(name: Name, listener: (event: Map[Name]) => unknown): Unsubscribe;
  emit<Name extends keyof Map>(name: Name, event: Map[Name]): void;
  /** Whether anybody listens: events that come with every job are not made for nobody. */
  isHeard(name: keyof Map): boolean;
}

/**
 * Events by name. A listener that throws, or whose promise rejects, harms neither the emitter nor the other listeners:
 * its error goes to `onListenerError`.
 */
export const createEvents = <Map extends object>(
  onListenerError: (error: unknown, name: keyof Map) => void,
): Events<Map> => {
  const listenersByName: { [Name in keyof Map]?: Set<(event: Map[Name]) => unknown> } = {};

  const on: Events<Map>['on'] = (name, listener) => {
    const listeners = listenersByName[name] ?? new Set();
    listenersByName[name] = listeners.add(listener);
    return () => listeners.delete(listener);
  };

  const emit: Events<Map>['emit'] = (name, event) => {
    for (const listener of listenersByName[name] ?? []) {
      try {
        const outcome = listener(event);
        if (outcome instanceof Promise) outcome.catch((error) => onListenerError(error, name));
      } catch (error) {
        onListenerError(error, name);
      }
    }
  };

  return { on, emit, isHeard: (name) => (listenersByName[name]?.size ?? 0) > 0 };
};
