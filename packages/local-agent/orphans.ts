import { readdirSync, readFileSync } from 'node:fs';

/** A process that outlived its step. */
export interface OrphanProcess {
  readonly pid: number;
  readonly command: string;
}

/** The variable by which the agent finds the processes of a job again. */
export const lookupVariable = 'VSTS_PROCESS_LOOKUP_ID';

/** The processes whose environment carries the job's look-up id. Empty where there is no /proc. */
export function findOrphans(lookupId: string): OrphanProcess[] {
  const marker = `${lookupVariable}=${lookupId}`;
  const orphans: OrphanProcess[] = [];
  for (const entry of listProcesses()) {
    const pid = Number(entry);
    const environment = readProcessFile(pid, 'environ');
    if (pid === process.pid || !environment.split('\0').includes(marker)) continue;
    const command = readProcessFile(pid, 'cmdline').split('\0').join(' ').trim();
    if (command !== '') orphans.push({ pid, command });
  }
  return orphans;
}

/** Ends them at once, as the agent does at the end of a job. */
export function endOrphans(orphans: readonly OrphanProcess[]): void {
  for (const { pid } of orphans) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself in the meantime.
    }
  }
}

function listProcesses(): string[] {
  try {
    return readdirSync('/proc').filter(name => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function readProcessFile(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
