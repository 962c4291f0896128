/** How many cancels are timed. */
export interface CancelSizes {
  cancels: number;
  /** Side by side. */
  callers: number;
}

export const fullCancel: CancelSizes = { cancels: 200, callers: 10 };

export const quickCancel: CancelSizes = { cancels: 40, callers: 10 };
