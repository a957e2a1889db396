import './environment.js';
import { program, runProgram } from './program.js';
import { runCommand } from './run-command.js';

declare const JOB_PAT_VERSION: string;

const command = program(JOB_PAT_VERSION, ({ debug }, story) =>
  runCommand({ debug, version: JOB_PAT_VERSION }, story),
);
process.exitCode = await runProgram(command, process.argv.slice(2));
