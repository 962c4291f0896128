/** How large the cases of flatness are. */
export interface FlatnessSizes {
  /** Jobs of one drain, and how many drains there are; their median counts. */
  jobs: number;
  rounds: number;
  waiting: { few: number; many: number; rounds: number };
  /** Finished jobs in history. */
  history: number;
  /** Waiting jobs that the worker may not take. */
  barred: number;
  orgs: { count: number; jobsEach: number };
  /** Worker sessions, each of which runs so many jobs at a time. */
  sessions: { counts: number[]; concurrency: number };
  /** Windows are of so many seconds; peers are held for fewer, which is kind to them. */
  snapshot: { windowSeconds: number; before: number; held: number; heldOfPeers: number };
  /** Free bytes below which nothing begins: history and what a held snapshot keeps take room. */
  freeBytes: number;
}

/** As the issue has them: about 25 minutes. */
export const fullFlatness: FlatnessSizes = {
  jobs: 100_000,
  rounds: 5,
  waiting: { few: 10_000, many: 1_000_000, rounds: 15 },
  history: 10_000_000,
  barred: 1_000_000,
  orgs: { count: 10_000, jobsEach: 5 },
  sessions: { counts: [1, 10, 64], concurrency: 100 },
  snapshot: { windowSeconds: 15, before: 2, held: 20, heldOfPeers: 6 },
  freeBytes: 40e9,
};

/** A hundredth: shows that the cases run, and little about flatness. */
export const quickFlatness: FlatnessSizes = {
  jobs: 5_000,
  rounds: 1,
  waiting: { few: 2_000, many: 20_000, rounds: 3 },
  history: 50_000,
  barred: 10_000,
  orgs: { count: 100, jobsEach: 5 },
  sessions: { counts: [1, 10], concurrency: 50 },
  snapshot: { windowSeconds: 1, before: 1, held: 2, heldOfPeers: 1 },
  freeBytes: 2e9,
};
