import type { Agent } from '#agent/agent';
import { organizationOfRun } from '../run-organization.js';
import { enforceOrganizations } from './ceilings.js';
import type { ValidationErrors } from './validation-errors.js';
import { readIssuerConnection, type ConnectionIssuer } from './issuer-connection.js';
import {
  ORGANIZATION_EXAMPLE,
  organizationAt,
  parseOrganization,
  sameOrganization,
  type Organization,
} from '#azure-devops/organization';

/** Who issues: the user behind a service connection, or the user of an Entra token that the pipeline got by itself. */
export type Issuer =
  ConnectionIssuer | { readonly kind: 'entra-token'; readonly token: string; readonly home: Organization };

/**
 * Reads the inputs `patIssuer` and `entraToken`, of which exactly one has to be given.
 * @returns undefined when there are faults
 */
export function readIssuer(agent: Agent, faults: ValidationErrors): Issuer | undefined {
  const connectionId = agent.input('patIssuer');
  const token = agent.secretInput('entraToken');
  if (connectionId !== '' && token !== '') {
    faults.input('patIssuer', 'give either patIssuer or entraToken, not both');
    return undefined;
  }
  if (connectionId !== '') return readIssuerConnection(agent, connectionId, faults);
  if (token !== '') return readEntraToken(agent, token, faults);
  faults.input(
    'patIssuer',
    'give a service connection of type "Azure DevOps PAT issuer", or entraToken. Example: patIssuer: PAT issuer',
  );
  return undefined;
}

/**
 * The organizations asked for, each once: names or URLs separated by comma or newline; the issuer's own by default. None is
 * beyond what the service connection allows, whichever task asks.
 */
export function readOrganizations(
  agent: Agent,
  issuer: Issuer | undefined,
  faults: ValidationErrors,
): Organization[] {
  const organizations = readNamedOrganizations(agent, issuer, faults);
  if (issuer?.kind === 'connection') enforceOrganizations(organizations, issuer.ceilings, faults);
  return organizations;
}

function readNamedOrganizations(
  agent: Agent,
  issuer: Issuer | undefined,
  faults: ValidationErrors,
): Organization[] {
  const home = issuer?.home ?? organizationOfRun(agent);
  const texts = agent
    .input('organization')
    .split(/[,\r\n]+/)
    .map(text => text.trim())
    .filter(text => text !== '');
  if (texts.length === 0) return home === undefined ? [] : [home];
  const organizations: Organization[] = [];
  for (const text of texts) {
    // Elsewhere on loopback it is beyond what a connection allows, and nothing without one.
    const elsewhere = issuer?.kind === 'connection' ? organizationAt(text) : undefined;
    const organization = parseOrganization(text, home ?? CLOUD) ?? elsewhere;
    if (organization === undefined) {
      faults.input(
        'organization',
        `"${text}" is not an Azure DevOps organization. Example: ${ORGANIZATION_EXAMPLE}`,
      );
    } else if (!organizations.some(other => sameOrganization(other, organization))) {
      organizations.push(organization);
    }
  }
  return organizations;
}

/** Reads bare names when neither a connection nor a run says where they live. */
export const CLOUD: Organization = {
  name: 'organization',
  url: 'https://dev.azure.com/organization',
  tokensUrl: 'https://vssps.dev.azure.com/organization',
  releasesUrl: 'https://vsrm.dev.azure.com/organization',
};

function readEntraToken(agent: Agent, token: string, faults: ValidationErrors): Issuer | undefined {
  if (!/^[A-Za-z0-9._~+/=-]+$/.test(token)) {
    const unset = /^\$\(.+\)$/.test(token) ? 'is a variable that is not set' : 'is not an Entra access token';
    faults.input(
      'entraToken',
      `the value ${unset}. Example: $(entraToken), set by "az account get-access-token"`,
    );
    return undefined;
  }
  const first =
    agent
      .input('organization')
      .split(/[,\r\n]+/)[0]
      ?.trim() ?? '';
  const home =
    organizationOfRun(agent) ?? (first === '' ? undefined : (parseOrganization(first, CLOUD) ?? CLOUD));
  if (home === undefined) {
    faults.input(
      'organization',
      `the collection of this run is not an Azure DevOps organization; name one. Example: ${ORGANIZATION_EXAMPLE}`,
    );
    return undefined;
  }
  return { kind: 'entra-token', token, home };
}
