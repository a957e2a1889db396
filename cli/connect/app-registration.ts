import { AZURE_DEVOPS, PAT_PERMISSIONS } from '#entra/entra';
import type { Terminal } from '../terminal.js';

/**
 * The commands that make the Entra application, for a shell with the Azure CLI. They hold nothing secret. Whatever
 * shell they are pasted into, a bash of any age runs them and ends at the first command that fails: one whose output is
 * captured is a command of its own, since the status of a pipeline is that of its end. On Windows `az` ends lines with
 * CR and LF.
 */
export function printAppRegistration(terminal: Terminal): void {
  terminal.print(
    script(`# Makes the Entra application that signs the issuing user in. Takes the
# Azure CLI, signed in to the tenant of the organization as somebody who
# may grant consent. Use the application for nothing else.
${HEAD}
${READ_PERMISSIONS}

app_id=$(az ad app create --display-name "Job PAT issuer" \\
  --sign-in-audience AzureADMyOrg \\
  --public-client-redirect-uris http://localhost \\
  --is-fallback-public-client true \\
  --query appId --output tsv </dev/null)
${GRANT_PERMISSIONS}

# Consent can take a minute to arrive.
echo "Now: job-pat connect -o <organization> -p <project> --client-id $app_id"`),
  );
}

/** Lines for a shell of any kind, which a bash carries out. */
export function script(lines: string): string {
  return `bash <<'END_OF_SCRIPT'\n${lines}\nEND_OF_SCRIPT`;
}

/** What every script begins with. */
export const HEAD = `set -eu
azure_devops=${AZURE_DEVOPS}

# One word without the line end of Windows, or the end of this script.
one_word() {
  word=$(printf '%s' "$2" | tr -d '\\r\\n\\t ')
  if [ -z "$word" ]; then
    echo "az told no id of $1. Nothing further was done." >&2
    return 1
  fi
  printf '%s' "$word"
}
`;

const NAMES = PAT_PERMISSIONS.map(permission => permission.replace('vso.', ''));

/** Looks up what the application will be granted, before anything is made. */
export const READ_PERMISSIONS = [
  `# What it will be granted: ${PAT_PERMISSIONS.join(' and ')}.`,
  ...PAT_PERMISSIONS.map(
    (permission, at) => `${NAMES[at] ?? ''}=$(az ad sp show --id "$azure_devops" \\
  --query "oauth2PermissionScopes[?value=='${permission}'].id" \\
  --output tsv </dev/null)
${NAMES[at] ?? ''}=$(one_word "${permission} of Azure DevOps" "$${NAMES[at] ?? ''}")`,
  ),
].join('\n');

/** Of the application that was just made as `app_id`. */
export const GRANT_PERMISSIONS = `app_id=$(one_word "the application" "$app_id")
az ad sp create --id "$app_id" --output none </dev/null
az ad app permission add --id "$app_id" --api "$azure_devops" \\
  --api-permissions ${NAMES.map(name => `"$${name}=Scope"`).join(' ')} </dev/null
az ad app permission admin-consent --id "$app_id" </dev/null`;
