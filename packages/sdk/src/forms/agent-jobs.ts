import type { JsonValue } from '@longshore/contract';

/** What describes an agent; whatever else it holds travels along. */
export interface SerializedAgent {
  name: string;
  instructions: string;
  model: string;
  provider: string;
  temperature?: number;
  maxTokens?: number;
  tools: { name: string; description: string; parameters: unknown }[];
}

export interface SerializedWorkflow {
  id: string;
  name: string;
  nodes: { id: string; type: string; config: Record<string, unknown> }[];
  edges: { from: string; to: string; condition?: string }[];
}

export interface SerializedSwarm {
  topology: string;
  agents: SerializedAgent[];
  coordinator?: SerializedAgent;
  maxRounds?: number;
  consensusThreshold?: number;
}

interface Payload<Type extends string> {
  type: Type;
  jobId: string;
  metadata?: { [key: string]: JsonValue };
}

export interface AgentJobPayload extends Payload<'agent'> {
  agentConfig: SerializedAgent;
  input: string;
  threadId: string;
}

export interface WorkflowJobPayload extends Payload<'workflow'> {
  workflowConfig: SerializedWorkflow;
  input: Record<string, unknown>;
  runId: string;
}

export interface SwarmJobPayload extends Payload<'swarm'> {
  swarmConfig: SerializedSwarm;
  input: string;
}

export type JobPayload = AgentJobPayload | WorkflowJobPayload | SwarmJobPayload;

/** What a processor of agent jobs returns. */
export interface AgentJobResult {
  type: 'agent';
  output: string;
  toolCalls: { name: string; input: unknown; output: unknown }[];
  tokenUsage?: { prompt: number; completion: number; total: number };
}

/** What a processor of workflow jobs returns. */
export interface WorkflowJobResult {
  type: 'workflow';
  output: Record<string, unknown>;
  nodeResults: Record<string, unknown>;
  /** Milliseconds. */
  duration: number;
}

/** What a processor of swarm jobs returns. */
export interface SwarmJobResult {
  type: 'swarm';
  output: string;
  rounds: number;
  agentOutputs: { agent: string; output: string }[];
}

export type JobResult = AgentJobResult | WorkflowJobResult | SwarmJobResult;
