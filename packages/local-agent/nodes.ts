/** The folders below `externals` that an agent can run a task's script with. */
export const nodeFolders = ['node', 'node10', 'node16', 'node20_1', 'node24'] as const;
export type NodeFolder = (typeof nodeFolders)[number];

/** Which binary stands in which folder; null: the folder is not there. */
export type Nodes = Readonly<Partial<Record<NodeFolder, string | null>>>;
