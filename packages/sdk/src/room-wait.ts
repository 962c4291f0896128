/** How long a single free place may wait for others to fill one claim with. */
const patienceMs = 10;

export interface RoomWait {
  /** Resolves when there is room for `enough` jobs, or for one and 10 ms have passed, or the signal is aborted. */
  untilRoom(enough: number, signal: AbortSignal): Promise<void>;
  /** To be called whenever there may be more room. */
  notice(): void;
}

/** Lets one caller wait for room: places that become free one by one are claimed for together. */
export const createRoomWait = (room: () => number): RoomWait => {
  let wanted = 0;
  let wake: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;

  const notice = (): void => {
    if (!wake) return;
    const jobs = room();
    if (jobs >= wanted) wake();
    else if (jobs > 0) timer ??= setTimeout(wake, patienceMs);
  };

  const untilRoom = (enough: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        timer = undefined;
        wake = undefined;
        signal.removeEventListener('abort', finish);
        resolve();
      };
      wanted = enough;
      wake = finish;
      signal.addEventListener('abort', finish, { once: true });
      if (signal.aborted) finish();
      else notice();
    });

  return { untilRoom, notice };
};
