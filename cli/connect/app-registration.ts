import { AZURE_DEVOPS, PAT_PERMISSIONS } from '../../tasks/common/entra/entra.js';
import type { Terminal } from '../terminal.js';

/** The commands that make the Entra application, for a shell with the Azure CLI. They hold nothing secret. */
export function printAppRegistration(terminal: Terminal): void {
  const filter = PAT_PERMISSIONS.map(permission => `value=='${permission}'`).join(' || ');
  terminal.print(`# Makes the Entra application that signs the issuing user in. Run it in bash with the Azure CLI, signed in
# to the tenant of the organization as somebody who may grant consent. Use the application for nothing else.
set -e
AZURE_DEVOPS=${AZURE_DEVOPS}

APP_ID=$(az ad app create --display-name "Job PAT issuer" \\
  --sign-in-audience AzureADMyOrg \\
  --public-client-redirect-uris http://localhost \\
  --is-fallback-public-client true \\
  --query appId --output tsv)
az ad sp create --id "$APP_ID" --output none

# Its two delegated permissions: ${PAT_PERMISSIONS.join(' and ')} of Azure DevOps.
az ad sp show --id "$AZURE_DEVOPS" \\
    --query "oauth2PermissionScopes[?${filter}].id" --output tsv |
  sed 's/$/=Scope/' |
  xargs az ad app permission add --id "$APP_ID" --api "$AZURE_DEVOPS" --api-permissions
az ad app permission admin-consent --id "$APP_ID"

# Consent can take a minute to arrive.
echo "Now: job-pat connect --organization <name> --project <name> --client-id $APP_ID"`);
}
