/** How long the cost of waking is looked at. */
export interface WakingSizes {
  /** Listening connections besides that of the API process itself; the first is what the others are compared with. */
  listeners: number[];
  rounds: number;
  seconds: number;
}

export const fullWaking: WakingSizes = { listeners: [0, 10, 100], rounds: 3, seconds: 5 };

export const quickWaking: WakingSizes = { listeners: [0, 10, 100], rounds: 1, seconds: 1 };
