import { freezeDeep } from '../live/freeze-deep.ts';
import { type ConnectedWorker, type WorkerInfo, type WorkerMessage, WorkerStatus } from './types.ts';

export interface WorkerPoolOptions {
  /** `substring` matches as @hardlydifficult/worker-server does, where `gpt-4` also gets `gpt-4o`. Default `exact`. */
  modelMatch?: 'exact' | 'substring';
  nowMs?: () => number;
}

interface PooledWorker extends ConnectedWorker {
  completedRequests: number;
  lastHeartbeatMs: number;
  isOverdue: boolean;
  isDraining: boolean;
  /** By request, its category. */
  pending: Map<string, string | undefined>;
}

/** A worker that is silent for so many times the timeout is dead. */
const deadAfterTimeouts = 3;

/** The connected workers and the requests that each works on, in memory. Nothing that it hands out changes later. */
export class WorkerPool {
  readonly #workers = new Map<string, PooledWorker>();
  readonly #workerOfRequest = new Map<string, string>();
  readonly #matchesModel: (offered: string, wanted: string) => boolean;
  readonly #nowMs: () => number;

  constructor({ modelMatch = 'exact', nowMs = Date.now }: WorkerPoolOptions = {}) {
    this.#matchesModel = modelMatch === 'exact' ? isSameModel : isLikeModel;
    this.#nowMs = nowMs;
  }

  /** Adds a worker, in the place of one with the same id. */
  add(worker: ConnectedWorker): void {
    this.remove(worker.id);
    this.#workers.set(worker.id, {
      ...worker,
      // Handed out as it is.
      capabilities: freezeDeep(structuredClone(worker.capabilities)),
      lastHeartbeatMs: this.#nowMs(),
      isOverdue: false,
      isDraining: false,
      completedRequests: worker.completedRequests ?? 0,
      pending: new Map(),
    });
  }

  /** Forgets a worker and its requests; answers it as it was. */
  remove(workerId: string): WorkerInfo | null {
    const worker = this.#workers.get(workerId);
    if (!worker) return null;
    const info = toInfo(worker);
    for (const requestId of worker.pending.keys()) this.#workerOfRequest.delete(requestId);
    this.#workers.delete(workerId);
    return info;
  }

  get(workerId: string): WorkerInfo | null {
    const worker = this.#workers.get(workerId);
    return worker ? toInfo(worker) : null;
  }

  /** The worker that a request is tracked for. */
  workerOf(requestId: string): string | null {
    return this.#workerOfRequest.get(requestId) ?? null;
  }

  /** False for a worker that is not here. */
  noteHeartbeat(workerId: string): boolean {
    const worker = this.#workers.get(workerId);
    if (!worker) return false;
    worker.lastHeartbeatMs = this.#nowMs();
    worker.isOverdue = false;
    return true;
  }

  /** A draining worker is given nothing more. */
  setDraining(workerId: string, isDraining: boolean): void {
    const worker = this.#workers.get(workerId);
    if (worker) worker.isDraining = isDraining;
  }

  /** The worker with the most room, in proportion, for a request of this model and category; null when there is none. */
  getAvailableWorker(model: string, category?: string): WorkerInfo | null {
    return this.listAvailable({ model, category })[0] ?? null;
  }

  /** The same whatever the model. Never one that has as many requests as it takes. */
  getAnyAvailableWorker(category?: string): WorkerInfo | null {
    return this.listAvailable({ category })[0] ?? null;
  }

  /** All with room for such a request, the least loaded first and among equals the one that has waited for longer. */
  listAvailable({
    model,
    category,
  }: {
    model?: string | undefined;
    category?: string | undefined;
  }): WorkerInfo[] {
    return [...this.#workers.values()]
      .filter((worker) => this.#slotsOf(worker, model, category) > 0)
      .sort((one, other) => loadOf(one) - loadOf(other))
      .map(toInfo);
  }

  /** How many requests of this model and category all workers together would take now. */
  availableSlots(model?: string, category?: string): number {
    return [...this.#workers.values()].reduce(
      (sum, worker) => sum + this.#slotsOf(worker, model, category),
      0,
    );
  }

  getCount(): number {
    return this.#workers.size;
  }

  getAvailableCount(): number {
    return [...this.#workers.values()].filter((worker) => statusOf(worker) === WorkerStatus.Available).length;
  }

  getWorkerInfoList(): WorkerInfo[] {
    return [...this.#workers.values()].map(toInfo);
  }

  /**
   * Counts a request for a worker. One that is tracked already counts once: for another worker it moves there. False when there
   * is no such worker.
   */
  trackRequest(workerId: string, requestId: string, category?: string): boolean {
    const worker = this.#workers.get(workerId);
    if (!worker) return false;
    const holder = this.#workerOfRequest.get(requestId);
    if (holder === workerId) return true;
    if (holder !== undefined) this.releaseRequest(requestId);
    worker.pending.set(requestId, category);
    this.#workerOfRequest.set(requestId, workerId);
    return true;
  }

  /** Makes room where the request was tracked. False when it was not. */
  releaseRequest(requestId: string, options: { incrementCompleted?: boolean } = {}): boolean {
    const worker = this.#workers.get(this.#workerOfRequest.get(requestId) ?? '');
    if (!worker) return false;
    this.#workerOfRequest.delete(requestId);
    worker.pending.delete(requestId);
    if (options.incrementCompleted) worker.completedRequests += 1;
    return true;
  }

  /** Marks those unhealthy that were silent for longer than the timeout; answers who was for three times as long. */
  checkHealth(timeoutMs: number): string[] {
    const dead: string[] = [];
    for (const worker of this.#workers.values()) {
      const silentMs = this.#nowMs() - worker.lastHeartbeatMs;
      worker.isOverdue = silentMs > timeoutMs;
      if (silentMs > timeoutMs * deadAfterTimeouts) dead.push(worker.id);
    }
    return dead;
  }

  /** False when there is no such worker or nothing can be sent to it. */
  send(workerId: string, message: WorkerMessage): boolean {
    return this.#workers.get(workerId)?.send(message) ?? false;
  }

  broadcast(message: WorkerMessage): void {
    for (const worker of this.#workers.values()) worker.send(message);
  }

  #slotsOf(worker: PooledWorker, model: string | undefined, category: string | undefined): number {
    if (statusOf(worker) !== WorkerStatus.Available) return 0;
    const { models, maxConcurrentRequests, concurrencyLimits = {} } = worker.capabilities;
    if (model !== undefined && !models.some(({ modelId }) => this.#matchesModel(modelId, model))) return 0;
    const room = maxConcurrentRequests - worker.pending.size;
    if (category === undefined || !Object.hasOwn(concurrencyLimits, category)) return room;
    return Math.max(
      0,
      Math.min(room, concurrencyLimits[category]! - (countCategories(worker).get(category) ?? 0)),
    );
  }
}

const isSameModel = (offered: string, wanted: string): boolean => offered === wanted;

const isLikeModel = (offered: string, wanted: string): boolean =>
  offered.includes(wanted) || wanted.includes(offered);

const loadOf = ({ pending, capabilities }: PooledWorker): number =>
  pending.size / capabilities.maxConcurrentRequests;

const statusOf = (worker: PooledWorker): WorkerStatus => {
  if (worker.isOverdue) return WorkerStatus.Unhealthy;
  if (worker.isDraining) return WorkerStatus.Draining;
  return worker.pending.size >= worker.capabilities.maxConcurrentRequests
    ? WorkerStatus.Busy
    : WorkerStatus.Available;
};

const countCategories = ({ pending }: PooledWorker): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const category of pending.values())
    if (category !== undefined) counts.set(category, (counts.get(category) ?? 0) + 1);
  return counts;
};

const toInfo = (worker: PooledWorker): WorkerInfo =>
  Object.freeze({
    id: worker.id,
    name: worker.name,
    status: statusOf(worker),
    capabilities: worker.capabilities,
    sessionId: worker.sessionId,
    connectedAt: new Date(worker.connectedAt),
    lastHeartbeat: new Date(worker.lastHeartbeatMs),
    activeRequests: worker.pending.size,
    completedRequests: worker.completedRequests,
    pendingRequestIds: new Set(worker.pending.keys()),
    categoryActiveRequests: countCategories(worker),
  });
