import { buildCli } from './build-cli.js';

/** Builds the command line tool, for `npm pack` and for trying it out. */
const path = await buildCli();
console.log(path);
