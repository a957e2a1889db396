import { organizationOfRun } from '../run-organization.js';
import { enforceOrganizations } from './ceilings.js';
import type { Inputs } from './inputs.js';
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
export function readIssuer(inputs: Inputs): Issuer | undefined {
  const connectionId = inputs.text('patIssuer');
  const token = inputs.secret('entraToken');
  if (connectionId !== '' && token !== '') {
    inputs.fault('patIssuer', 'give either patIssuer or entraToken, not both');
    return undefined;
  }
  if (connectionId !== '') return readIssuerConnection(inputs, connectionId);
  if (token !== '') return readEntraToken(inputs, token);
  inputs.fault(
    'patIssuer',
    'give a service connection of type "Azure DevOps PAT issuer", or entraToken. Example: patIssuer: PAT issuer',
  );
  return undefined;
}

/**
 * The organizations asked for, each once: names or URLs separated by comma or newline; the issuer's own by default. None is
 * beyond what the service connection allows, whichever task asks.
 */
export function readOrganizations(inputs: Inputs, issuer: Issuer | undefined): Organization[] {
  const organizations = readNamedOrganizations(inputs, issuer);
  if (issuer?.kind === 'connection') enforceOrganizations(organizations, issuer.ceilings, inputs.faults);
  return organizations;
}

function readNamedOrganizations(inputs: Inputs, issuer: Issuer | undefined): Organization[] {
  const home = issuer?.home ?? organizationOfRun(inputs.agent);
  const texts = inputs
    .text('organization')
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
      inputs.fault(
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

function readEntraToken(inputs: Inputs, token: string): Issuer | undefined {
  if (!/^[A-Za-z0-9._~+/=-]+$/.test(token)) {
    const unset = /^\$\(.+\)$/.test(token) ? 'is a variable that is not set' : 'is not an Entra access token';
    inputs.fault(
      'entraToken',
      `the value ${unset}. Example: $(entraToken), set by "az account get-access-token"`,
    );
    return undefined;
  }
  const first =
    inputs
      .text('organization')
      .split(/[,\r\n]+/)[0]
      ?.trim() ?? '';
  const home =
    organizationOfRun(inputs.agent) ??
    (first === '' ? undefined : (parseOrganization(first, CLOUD) ?? CLOUD));
  if (home === undefined) {
    inputs.fault(
      'organization',
      `the collection of this run is not an Azure DevOps organization; name one. Example: ${ORGANIZATION_EXAMPLE}`,
    );
    return undefined;
  }
  return { kind: 'entra-token', token, home };
}
