import type { NodeFolder } from './nodes.js';
import type { HandlerKind } from './task-definition.js';

export interface NodeChoice {
  readonly folder: NodeFolder;
  /** What the agent says when it takes another than the handler asks for. */
  readonly warning?: string;
}

/** A switch of the agent, by the name of its variable and of the server's feature. */
export type Knob = (name: string, feature?: string) => boolean;

const handlerFolders: Partial<Record<HandlerKind, NodeFolder>> = {
  Node: 'node',
  Node10: 'node10',
  Node16: 'node16',
  Node20_1: 'node20_1',
};

/**
 * Which Node.js runs a handler. A `Node24` handler is run by Node 20 unless `AGENT_USE_NODE24_WITH_HANDLER_DATA` is on,
 * and only a folder that was asked for is exchanged where the system is too old for it.
 */
export function chooseNode(kind: HandlerKind, knob: Knob, oldSystem: boolean): NodeChoice {
  const handlerData = knob(
    'AGENT_USE_NODE24_WITH_HANDLER_DATA',
    'DistributedTask.Agent.UseNode24withHandlerData',
  );
  if (knob('AGENT_USE_ENHANCED_NODE_SELECTION', 'DistributedTask.Agent.UseEnhancedNodeSelection')) {
    if (knob('AGENT_RESTRICT_EOL_NODE_VERSIONS')) return withFallback('node24', oldSystem);
    if (kind === 'Node24' && !handlerData) return { folder: 'node20_1', warning: tooOld('24', '20') };
  }
  if (knob('AGENT_USE_NODE24', 'DistributedTask.Agent.UseNode24')) return withFallback('node24', oldSystem);
  if (knob('AGENT_USE_NODE20_1')) return withFallback('node20_1', oldSystem);
  if (knob('AGENT_USE_NODE10')) return { folder: 'node10' };
  if (kind === 'Node24') return handlerData ? withFallback('node24', oldSystem) : { folder: 'node20_1' };
  const folder = handlerFolders[kind] ?? 'node20_1';
  return folder === 'node20_1' ? withFallback(folder, oldSystem) : { folder };
}

function withFallback(folder: 'node24' | 'node20_1', oldSystem: boolean): NodeChoice {
  if (!oldSystem) return { folder };
  return { folder: 'node16', warning: tooOld(folder === 'node24' ? '24' : '20', '16') };
}

function tooOld(wanted: string, taken: string): string {
  return (
    `The agent operating system doesn't support Node${wanted}. Using Node${taken} instead. Please upgrade the operating ` +
    'system of the agent to remain compatible with future updates of tasks: https://github.com/nodesource/distributions'
  );
}
