import { AZURE_DEVOPS, PAT_PERMISSIONS } from '#entra/entra';
import type { Terminal } from '../terminal.js';
import { HEAD, script } from './app-registration.js';
import { askForOrganization, GAP, optionsFor, trustCommand } from './federated-registration.js';
import type { RegistrationRequest } from './registration-request.js';
import { printing, shellLine, shellWord } from './shell-text.js';

/**
 * Permissions of Microsoft Graph for what the script makes. It signs in with an application of its own: a user's token of
 * the Azure CLI carries Directory.AccessAsUser.All, with which Graph refuses everything about agents.
 */
const PERMISSIONS = [
  'AgentIdentityBlueprint.Create',
  'AgentIdentityBlueprint.AddRemoveCreds.All',
  'AgentIdentityBlueprintPrincipal.Create',
  'AgentIdentity.Create.All',
  'AgentIdUser.ReadWrite.All',
  'DelegatedPermissionGrant.ReadWrite.All',
  'Application.Read.All',
];

/**
 * The commands that make a blueprint, an agent identity and its user, and let the service connection prove the blueprint.
 *
 * @param agentUser its UPN; undefined: the script takes the tenant's first domain
 * @param secretEnds when the secret of the application ends that the script uses and removes
 */
export async function printAgentRegistration(
  request: RegistrationRequest,
  agentUser: string | undefined,
  organizationId: string | undefined,
  secretEnds: Date,
  terminal: Terminal,
): Promise<void> {
  const connect = `${shellLine('job-pat', 'connect', ...optionsFor(request))} --client-id ${GAP}`;
  const [before = '', after = ''] = connect.split(GAP);
  terminal.print(
    script(`# PREVIEW: nobody has shown yet that the PAT API of Azure DevOps takes an
# agent's user. Makes an agent identity blueprint that the OIDC token of the
# service connection proves, an agent identity, and its user. Takes the Azure
# CLI, signed in to the tenant of the organization as somebody who may grant
# consent (Privileged Role Administrator) and make agents (Agent ID Administrator).
#
# Graph refuses agents to a user's token of the Azure CLI, so this makes an
# application for its own sign-in, and deletes it at the end.
${HEAD}
graph=https://graph.microsoft.com
umask 077
folder=$(mktemp -d)
helper=""
own_configuration=\${AZURE_CONFIG_DIR:-}
as_yourself() {
  unset AZURE_CONFIG_DIR
  if [ -n "$own_configuration" ]; then
    export AZURE_CONFIG_DIR="$own_configuration"
  fi
}
clean_up() {
  as_yourself
  if [ -n "$helper" ]; then
    az ad app delete --id "$helper" </dev/null ||
      echo "Delete application $helper by hand: it may make agents." >&2
  fi
  rm -rf "$folder"
}
trap clean_up EXIT
${askForOrganization(request, organizationId)}
tenant=$(az account show --query tenantId --output tsv </dev/null)
tenant=$(one_word "the tenant" "$tenant")
me=$(az ad signed-in-user show --query id --output tsv </dev/null)
me=$(one_word "who is signed in" "$me")
azure_devops_object=$(az ad sp show --id "$azure_devops" --query id --output tsv </dev/null)
azure_devops_object=$(one_word "Azure DevOps" "$azure_devops_object")
${upnLines(agentUser)}

helper=$(az ad app create --display-name "Job PAT set-up, delete me" \\
  --sign-in-audience AzureADMyOrg --query appId --output tsv </dev/null)
helper=$(one_word "the application of this script" "$helper")
az ad sp create --id "$helper" --output none </dev/null
for permission in ${PERMISSIONS.join(' \\\n    ')}
do
  role=$(az ad sp show --id 00000003-0000-0000-c000-000000000000 \\
    --query "appRoles[?value=='$permission'].id" --output tsv </dev/null)
  role=$(one_word "permission $permission of Microsoft Graph" "$role")
  az ad app permission add --id "$helper" \\
    --api 00000003-0000-0000-c000-000000000000 \\
    --api-permissions "$role=Role" </dev/null
done
az ad app permission admin-consent --id "$helper" </dev/null
az ad app credential reset --id "$helper" --end-date ${secretEnds.toISOString().replace(/\.\d+Z$/, 'Z')} \\
  --query password --output tsv </dev/null | tr -d '\\r\\n' >"$folder/secret"
echo "Waiting two minutes for Entra to know the application of this script." >&2
sleep 120

# From here on as that application, in a configuration of its own.
export AZURE_CONFIG_DIR="$folder/az"
az login --service-principal --username "$helper" --password @"$folder/secret" \\
  --tenant "$tenant" --allow-no-subscriptions --output none </dev/null

# again <command>: what was just made is not known everywhere in Entra at
# once, so a command is tried for two minutes.
again() {
  for attempt in 1 2 3 4 5 6 7 8; do
    if "$@" </dev/null; then return 0; fi
    if [ "$attempt" != 8 ]; then sleep 15; fi
  done
  return 1
}
# post <path> <body>: makes something in Graph and tells its id.
post() {
  again az rest --method POST --url "$graph/$1" --body "$2" \\
    --headers "Content-Type=application/json" "OData-Version=4.0" \\
    --query "\${3:-id}" --output tsv
}

blueprint=$(post v1.0/applications '{"@odata.type":"Microsoft.Graph.AgentIdentityBlueprint","displayName":"Job PAT issuer (agent)","sponsors@odata.bind":["https://graph.microsoft.com/v1.0/users/'"$me"'"]}' appId)
blueprint=$(one_word "the blueprint" "$blueprint")
principal=$(post v1.0/serviceprincipals/microsoft.graph.agentIdentityBlueprintPrincipal '{"appId":"'"$blueprint"'"}')
principal=$(one_word "the principal of the blueprint" "$principal")

# Whom it trusts. The first run shows whether Azure Pipelines names itself so.
again ${await trustCommand(request, organizationId, '$blueprint', 'blueprint')} >/dev/null

identity=$(post beta/serviceprincipals/Microsoft.Graph.AgentIdentity '{"displayName":"Job PAT issuer","agentIdentityBlueprintId":"'"$blueprint"'","sponsors@odata.bind":["https://graph.microsoft.com/v1.0/users/'"$me"'"]}')
identity=$(one_word "the agent identity" "$identity")
user=$(post beta/users '{"@odata.type":"microsoft.graph.agentUser","displayName":"Job PAT issuer","userPrincipalName":"'"$upn"'","mailNickname":"'"\${upn%%@*}"'","identityParentId":"'"$identity"'","accountEnabled":true}')
user=$(one_word "the agent's user" "$user")
grant=$(post v1.0/oauth2PermissionGrants '{"clientId":"'"$identity"'","consentType":"Principal","principalId":"'"$user"'","resourceId":"'"$azure_devops_object"'","scope":"${PAT_PERMISSIONS.join(' ')}"}')
grant=$(one_word "the consent" "$grant")
as_yourself

# Consent can take some minutes to arrive.
echo "Now give the user a licence in Azure DevOps (Basic):"
${printing(`az devops user add --license-type express --organization ${shellWord(request.home.url)} --email-id ${GAP}`.split(GAP), 'upn')}
echo "and make the service connection, as somebody who may:"
printf '%s\\n' ${shellWord(`az account get-access-token --resource ${AZURE_DEVOPS} --query accessToken --output tsv |`)}
printf '%s\\n' ${shellWord(`  ${before}`)}"$blueprint"${after === '' ? '' : shellWord(after)}" --agent-identity $identity --agent-user $upn --entra-token"`),
  );
}

/** A UPN holds no letter that ends the JSON string it stands in. */
function upnLines(agentUser: string | undefined): string {
  if (agentUser !== undefined) return `upn=${shellWord(agentUser)}`;
  return `upn=$(az rest --method GET --url "$graph/v1.0/domains" \\
  --query "value[?isDefault].id" --output tsv </dev/null)
upn=job-pat@$(one_word "the first domain of the tenant" "$upn")`;
}
