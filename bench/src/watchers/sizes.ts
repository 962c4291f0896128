/** How many watch, and how much there is to see. */
export interface WatcherSizes {
  watchers: number;
  /** Of them, those that read nothing. */
  stalled: number;
  seconds: number;
  eventsPerSecond: number;
}

export const fullWatchers: WatcherSizes = {
  watchers: 2_000,
  stalled: 100,
  seconds: 20,
  eventsPerSecond: 500,
};

export const quickWatchers: WatcherSizes = { watchers: 400, stalled: 20, seconds: 5, eventsPerSecond: 200 };
