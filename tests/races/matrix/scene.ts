import type { Door } from '../../model/door.ts';
import type { ModelLease, World } from '../../model/world.ts';
import type { Actor } from '../actor.ts';

/** Who and what the verbs of one race speak of. */
export interface Cast {
  /** The job that is raced for, and the lease that its first claim gave. */
  job: string;
  lease: ModelLease;
  /** A job that it may depend on, and the lease of its first claim. */
  parent: string;
  parentLease: ModelLease;
  /** The session that claims the job in the starts, and one of another worker. */
  holder: string;
  other: string;
  holderWorker: string;
  otherWorker: string;
}

export type Pair<Item> = readonly [first: Item, second: Item];

/** One org of its own, as the model has it and as the database does. */
export interface Scene {
  orgId: number;
  cast: Cast;
  world: World;
  /** The two that race. The first also sets the scene. */
  actors: Pair<Actor>;
  doors: Pair<Door>;
}
