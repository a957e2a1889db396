import { buildCli } from '../build-cli.js';
import { packageExtension } from '../package-extension.js';
import { whole, type Part } from './part.js';

/**
 * Builds the command line tool and packs both flavours of the extension. Every later part finds them in JOB_PAT_VSIX and
 * JOB_PAT_CLI, so that no test runs an older package than the sources.
 */
export const packed: Part = {
  name: 'Package',
  run: async screen => {
    try {
      process.env['JOB_PAT_CLI'] = await buildCli();
      await packageExtension('dev');
      const { path } = await packageExtension('release');
      process.env['JOB_PAT_VSIX'] = path;
      screen.write(`${path}\n`);
      return whole('Package', true);
    } catch (error) {
      screen.write(`${error instanceof Error ? error.message : String(error)}\n`);
      return whole('Package', false);
    }
  },
};
