import { Command } from 'commander';
import pc from 'picocolors';
import { BuildFault } from './build.js';
import { packageExtension } from './package-extension.js';

const program = new Command('npm run package --')
  .description('Builds the tasks and packs the extension into dist/*.vsix, ready for the Marketplace.')
  .option('--dev', 'a development flavour with other ids, which installs beside the real one', false)
  .addHelpText('after', '\nExamples:\n  npm run package\n  npm run package -- --dev')
  .parse();

try {
  const { path, bytes, files } = await packageExtension(
    program.opts<{ dev: boolean }>().dev ? 'dev' : 'release',
  );
  console.log(`${pc.green('✓')} ${path} ${pc.dim(`${Math.ceil(bytes / 1024)} KB, ${files} files`)}`);
} catch (error) {
  if (!(error instanceof BuildFault)) throw error;
  console.error(pc.red(error.message));
  process.exitCode = 1;
}
