import './environment.js';
import { watchedOutput } from './output.js';
import { program, runProgram } from './program.js';
import { codeAfter, runCommand } from './run-command.js';

declare const JOB_PAT_VERSION: string;

const output = watchedOutput();
const command = program(JOB_PAT_VERSION, ({ debug }, story) =>
  runCommand({ debug, version: JOB_PAT_VERSION, output }, story),
);
process.exitCode = await codeAfter(output, await runProgram(command, process.argv.slice(2)));
