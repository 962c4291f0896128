/** A promise that a test opens by hand: the two sides of a signal. */
export interface Gate<Value> {
  /** Settles when the gate opens or fails. */
  readonly opened: Promise<Value>;
  readonly isOpen: boolean;
  /** Lets everybody through who waits on `opened`; calling it again changes nothing. */
  open(value: Value): void;
  /** Makes everybody who waits fail with this error. */
  fail(error: Error): void;
}

/** Makes a closed gate. */
export const gate = <Value = void>(): Gate<Value> => {
  let isOpen = false;
  let settle: Pick<Gate<Value>, 'open' | 'fail'> | undefined;
  const opened = new Promise<Value>((resolve, reject) => {
    settle = { open: resolve, fail: reject };
  });
  return {
    opened,
    get isOpen() {
      return isOpen;
    },
    open: (value) => {
      isOpen = true;
      settle?.open(value);
    },
    fail: (error) => settle?.fail(error),
  };
};
