import type { Agent } from '#agent/agent';
import type { JobPat } from '#pat/issue';
import { reportPatEvent } from '#pat/report-event';
import type { StepLedger } from '#pat/ledger';
import { basicCredential } from '#text/secret-encodings';
import { variableOfOrganization } from '../../common/inputs/variable-name.js';
import type { GitAuthor } from '#tools/git-author';
import type { IssueRequest } from './request.js';

/** Hands the PATs to the later steps: secret variables with the values, outputs with what is not secret. */
export async function expose(
  pats: readonly JobPat[],
  request: IssueRequest,
  author: GitAuthor | undefined,
  record: StepLedger,
  agent: Agent,
): Promise<void> {
  const several = request.organizations.length > 1;
  for (const pat of pats) {
    const nameFor = (name: string) => (several ? variableOfOrganization(name, pat.organization.name) : name);
    agent.setSecretVariable(nameFor(request.variableName), pat.value);
    agent.info(`The PAT for ${pat.organization.name} is in $(${nameFor(request.variableName)}).`);
    if (request.basicVariableName !== '') {
      agent.setSecretVariable(nameFor(request.basicVariableName), basicCredential(pat.value));
    }
    reportPatEvent('exposed', pat, agent, `$(${nameFor(request.variableName)})`);
  }
  agent.setOutput('authorizationId', pats.map(pat => pat.authorizationId).join(','));
  agent.setOutput('validTo', pats.map(pat => pat.validTo.toISOString()).join(','));
  agent.setOutput('patName', pats.map(pat => pat.displayName).join(','));
  agent.setOutput('gitUserName', author?.name ?? '');
  agent.setOutput('gitUserEmail', author?.email ?? '');

  if (request.revoke === 'never') {
    for (const pat of pats) reportPatEvent('handedOver', pat, agent, 'revoke: never');
    await record.forget(...pats.map(pat => pat.displayName));
    agent.info(
      'revoke: never. Revoke it in a later job with RevokePat@1; else it ends when its lifetime does.',
    );
  } else {
    agent.info('It will be revoked after the job.');
  }
}
