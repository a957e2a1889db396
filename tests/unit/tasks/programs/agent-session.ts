import { agentNetwork } from '#agent/agent-network';
import { complete, taskLibAgent as agent } from '#agent/task-lib-agent';
import { writeFileSync } from 'node:fs';

void session(process.argv[2] ?? '');

/** Uses every part of the agent port once, and writes what it was told to the file named. */
async function session(file: string): Promise<void> {
  const connection = agent.connection('6b4e1a52-0000-4000-8000-000000000001');
  const seen = {
    input: agent.input('scopes'),
    absentInput: agent.input('nothing'),
    secretInput: agent.secretInput('entraToken'),
    variable: agent.variable('Build.DefinitionName'),
    url: connection?.url,
    tenantId: connection?.field('tenantId'),
    clientId: connection?.field('clientId'),
    absentField: connection?.field('authorityUrl'),
    refreshToken: connection?.secret('apitoken'),
    absentSecret: connection?.secret('clientSecret'),
    absentConnection: agent.connection('6b4e1a52-0000-4000-8000-000000000002') === undefined,
    taskVariable: agent.taskVariable('JobPat.Record'),
    secretTaskVariable: agent.secretTaskVariable('JobPat.EntraToken'),
    ...agentNetwork('JobPat/0.0.0 (Test)', [process.argv[3] ?? process.execPath]),
  };
  writeFileSync(file, JSON.stringify(seen));

  const pat = 'PatValueThatIsSecret0123456789AZDO1234';
  agent.mask(pat);
  await agent.setTaskVariable('JobPat.Record', '[{"a":"x;y]z"}]');
  await agent.setSecretTaskVariable('JobPat.EntraToken', 'newer-entra-token');
  agent.setSecretVariable('JOB_PAT', pat);
  agent.setOutput('patName', 'a name');
  agent.attachSummary('/tmp/PAT audit.md');
  agent.attach('job-pat.inventory', 'inventory.json', '/tmp/inventory.json');

  for (const text of [
    pat,
    Buffer.from(`:${pat}`).toString('base64'),
    Buffer.from(`user:${pat}`).toString('base64'),
  ]) {
    agent.info(`info ${text}`);
    agent.debug(`debug ${text}`);
    agent.warning(`warning ${text}`);
    agent.error(`error ${text}`);
  }
  agent.info(
    'from outside: ##vso[task.setvariable variable=PATH]/evil\r##vso[task.complete result=Succeeded]\n##[section]x',
  );
  agent.warning('two\nlines ##vso[task.complete result=Succeeded]');
  await complete('SucceededWithIssues', `the end\nof ${pat} ##vso[task.complete result=Succeeded]`);
}
