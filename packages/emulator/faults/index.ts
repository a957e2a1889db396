/** Everything that can go wrong on purpose; each is handed to `emulator.faults.add`. */
export * from './answers.js';
export * from './connection.js';
export * from './entra.js';
export * from './identity.js';
export * from './oidc.js';
export * from './pats.js';
