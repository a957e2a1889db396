import { credentialCommand } from '#entra/assertion';
import type { Terminal } from '../terminal.js';
import { GRANT_PERMISSIONS, HEAD, READ_PERMISSIONS, script } from './app-registration.js';
import { expectedCredential } from './expected-credential.js';
import type { RegistrationRequest } from './registration-request.js';
import { printing, shellLine, shellWord } from './shell-text.js';

/** The name by which the secret of the first sign-in is found again. */
const SECRET_NAME = 'Job PAT first sign-in';
/** No name of anything holds it. */
export const GAP = '\u0001';

/**
 * The commands that make an application that the service connection proves: single-tenant, since Entra takes its own
 * tokens as the proof of no other, and confidential, since a public client needs no proof.
 *
 * @param organizationId undefined: the organization tells it to nobody without a credential, so the script asks
 * @param secretEnds a day from now
 */
export async function printFederatedRegistration(
  request: RegistrationRequest,
  organizationId: string | undefined,
  secretEnds: Date,
  terminal: Terminal,
): Promise<void> {
  const { first, remove } = signInCommands(request, GAP, secretEnds);
  terminal.print(
    script(`# Makes the Entra application that signs the issuing user in, and that the
# OIDC token of the service connection proves: no secret of it is stored.
# Takes the Azure CLI, signed in to the tenant of the organization as somebody
# who may grant consent. Use the application for nothing else.
#
# The names of organization, project and connection are part of the federated
# credential, in upper and lower case as Azure DevOps spells them.
${HEAD}
${READ_PERMISSIONS}
${askForOrganization(request, organizationId)}
app_id=$(az ad app create --display-name "Job PAT issuer" \\
  --sign-in-audience AzureADMyOrg \\
  --is-fallback-public-client false \\
  --query appId --output tsv </dev/null)
${GRANT_PERMISSIONS}

# Whom it trusts. The first run shows whether Azure Pipelines names itself so.
${await trustCommand(request, organizationId, '"$app_id"', 'application')} </dev/null

# Consent can take a minute to arrive.
echo "Now sign in once, with a client secret that is made for that and lives for a day:"
${printing(first.split(GAP), 'app_id')}
echo "and remove the secret again:"
${printing(remove.split(GAP), 'app_id')}`),
  );
}

/**
 * The same for an application that is there: what it has to trust, and how the issuing user signs in anew.
 */
export async function printFederatedSignIn(
  request: RegistrationRequest,
  clientId: string,
  organizationId: string | undefined,
  secretEnds: Date,
  terminal: Terminal,
): Promise<void> {
  const { first, remove } = signInCommands(request, clientId, secretEnds);
  const trust =
    organizationId === undefined
      ? []
      : [
          '# Whom the application has to trust, unless it does already:',
          await trustCommand(request, organizationId, clientId, 'application'),
          '',
        ];
  terminal.print(
    [
      ...trust,
      '# Sign in once, with a client secret that is made for that and lives for a day:',
      first,
      '',
      '# And remove the secret again:',
      remove,
    ].join('\n'),
  );
}

/** The command that adds the federated credential, with the id of the organization as it is known. */
export async function trustCommand(
  { home, project, name }: RegistrationRequest,
  organizationId: string | undefined,
  application: string,
  kind: 'application' | 'blueprint',
): Promise<string> {
  const expected = expectedCredential(organizationId ?? UNKNOWN, home, project, name);
  const { issuer, subject, audience } = expected;
  const claims = { issuer, subject, audience, notBefore: undefined, expires: undefined, lifetime: undefined };
  const command = await credentialCommand(claims, application, kind);
  return organizationId === undefined ? command.replace(UNKNOWN, `'"$organization_id"'`) : command;
}

/** Stands where the script puts the id in. */
const UNKNOWN = '00000000-0000-0000-0000-organization';

/** Empty where the id is known. */
export function askForOrganization(
  { home }: RegistrationRequest,
  organizationId: string | undefined,
): string {
  if (organizationId !== undefined) return '';
  const url = `${home.url}/_apis/connectionData?api-version=7.1-preview.1`;
  return `
# The organization's id, which stands in the issuer.
organization_id=$(az rest --method GET --resource "$azure_devops" \\
  --url ${shellWord(url)} \\
  --query instanceId --output tsv </dev/null)
organization_id=$(one_word "the organization" "$organization_id")
`;
}

/** How the issuing user signs in once, and what removes the secret of that. */
function signInCommands(
  { home, project, name }: RegistrationRequest,
  clientId: string,
  secretEnds: Date,
): { readonly first: string; readonly remove: string } {
  const ends = secretEnds.toISOString().replace(/\.\d+Z$/, 'Z');
  const secret = `az ad app credential reset --id ${clientId} --append --display-name '${SECRET_NAME}' --end-date ${ends} --query password --output tsv`;
  const connect = shellLine('job-pat', 'connect', '--federated', ...optionsFor({ home, project, name }));
  return {
    first: `JOB_PAT_CLIENT_SECRET=$(${secret}) ${connect} --client-id ${clientId}`,
    remove: removeSecretCommand(clientId),
  };
}

/** Removes every secret of that name; `az` on Windows ends lines with CR and LF. */
export function removeSecretCommand(clientId: string): string {
  return `for id in $(az ad app credential list --id ${clientId} --query "[?displayName=='${SECRET_NAME}'].keyId" --output tsv | tr -d '\\r'); do az ad app credential delete --id ${clientId} --key-id "$id"; done`;
}

export function optionsFor({ home, project, name }: RegistrationRequest): string[] {
  const isPlain = home.url === `https://dev.azure.com/${home.name}`;
  return ['--organization', isPlain ? home.name : home.url, '--project', project, '--name', name];
}
