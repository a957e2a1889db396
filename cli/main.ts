import './environment.js';
import { VERSION } from '#text/product';
import { watchedOutput } from './output.js';
import { program, runProgram } from './program.js';
import { codeAfter, runCommand } from './run-command.js';

const output = watchedOutput();
const command = program(VERSION, ({ debug }, story) =>
  runCommand({ debug, version: VERSION, output }, story),
);
process.exitCode = await codeAfter(output, await runProgram(command, process.argv.slice(2)));
