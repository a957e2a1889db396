/** The agent that is stood in for, unless a caller names another. */
export const newestAgent = '5.278.0';

/** Variables were written into a task's environment after inputs and connections: they won. The whole of v4 did so. */
export function variablesWin(version: string): boolean {
  return isBefore(version, '5.277.0');
}

/** `task.setendpoint` could change the system connection. */
export function systemConnectionCanBeSet(version: string): boolean {
  return isBefore(version, '4.274.1');
}

/** A NUL in the environment is an error; before, it ended the value. */
export function refusesNul(version: string): boolean {
  return !isBefore(version, '5.278.0');
}

function isBefore(version: string, other: string): boolean {
  return version.localeCompare(other, 'en', { numeric: true }) < 0;
}
