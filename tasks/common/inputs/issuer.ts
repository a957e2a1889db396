import type { Agent, ServiceConnection } from '../agent/agent.js';
import { readCeilings, type Ceilings } from './ceilings.js';
import type { EntraClient } from '../entra/entra.js';
import { isCredentialHost } from '../http/hosts.js';
import type { InputFaults } from './input-faults.js';
import {
  ORGANIZATION_EXAMPLE,
  organizationAt,
  parseOrganization,
  sameOrganization,
  type Organization,
} from './organization.js';

/** Who issues: the user behind a service connection, or the user of an Entra token that the pipeline got by itself. */
export type Issuer =
  | {
      readonly kind: 'connection';
      readonly entra: EntraClient;
      readonly home: Organization;
      readonly ceilings: Ceilings;
    }
  | { readonly kind: 'entra-token'; readonly token: string; readonly home: Organization };

/** A tenant's GUID or one of its domains; a refresh token belongs to one tenant, so never `common`. */
export const TENANT = /^(?!(?:common|consumers|organizations)$)[a-z0-9-]+(\.[a-z0-9-]+)*$/i;
export const CLIENT_ID = /^[A-Za-z0-9-]{1,64}$/;
export const DEFAULT_AUTHORITY = 'https://login.microsoftonline.com';

/**
 * Reads the inputs `patIssuer` and `entraToken`, of which exactly one has to be given.
 * @returns undefined when there are faults
 */
export function readIssuer(agent: Agent, faults: InputFaults): Issuer | undefined {
  const connectionId = agent.input('patIssuer');
  const token = agent.secretInput('entraToken');
  if (connectionId !== '' && token !== '') {
    faults.input('patIssuer', 'give either patIssuer or entraToken, not both');
    return undefined;
  }
  if (connectionId !== '') return readConnection(agent, connectionId, faults);
  if (token !== '') return readEntraToken(agent, token, faults);
  faults.input(
    'patIssuer',
    'give a service connection of type "Azure DevOps PAT issuer", or entraToken. Example: patIssuer: PAT issuer',
  );
  return undefined;
}

/** The organizations asked for, each once: names or URLs separated by comma or newline; the issuer's own by default. */
export function readOrganizations(
  agent: Agent,
  issuer: Issuer | undefined,
  faults: InputFaults,
): Organization[] {
  const home = issuer?.home ?? runCollection(agent);
  const texts = agent
    .input('organization')
    .split(/[,\r\n]+/)
    .map(text => text.trim())
    .filter(text => text !== '');
  if (texts.length === 0) return home === undefined ? [] : [home];
  const organizations: Organization[] = [];
  for (const text of texts) {
    const organization = parseOrganization(text, home ?? CLOUD);
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

function readConnection(agent: Agent, id: string, faults: InputFaults): Issuer | undefined {
  const connection = agent.connection(id);
  if (connection === undefined) {
    faults.connection(
      'patIssuer',
      'the agent did not hand it over: it does not exist, this pipeline may not use it, or this is a build of a fork without secrets',
    );
    return undefined;
  }
  const home = organizationAt(connection.url);
  if (home === undefined) {
    faults.connection(
      'url',
      `"${connection.url}" is not the URL of an organization. Example: https://dev.azure.com/contoso`,
    );
  }
  const entra = readEntraClient(connection, faults);
  if (home === undefined || entra === undefined) return undefined;
  const ceilings = readCeilings(
    {
      allowedScopes: connection.field('allowedScopes'),
      maxLifetime: connection.field('maxLifetime'),
      allowedOrganizations: connection.field('allowedOrganizations'),
    },
    home,
    faults,
  );
  return { kind: 'connection', entra, home, ceilings };
}

/** The Entra side of a service connection. @returns undefined when there are faults */
export function readEntraClient(connection: ServiceConnection, faults: InputFaults): EntraClient | undefined {
  const tenantId = connection.field('tenantId');
  const clientId = connection.field('clientId');
  const authorityText = connection.field('authorityUrl');
  const refreshToken = connection.secret('apitoken');
  const clientSecret = connection.secret('clientSecret');
  const authority = readAuthority(authorityText === '' ? DEFAULT_AUTHORITY : authorityText);

  if (!TENANT.test(tenantId)) {
    faults.connection(
      'tenantId',
      `"${tenantId}" is not the id of an Entra tenant. Example: 00000000-0000-0000-0000-000000000000`,
    );
  }
  if (!CLIENT_ID.test(clientId)) {
    faults.connection(
      'clientId',
      `"${clientId}" is not the id of an Entra application. Example: 00000000-0000-0000-0000-000000000000`,
    );
  }
  if (authority === undefined) {
    faults.connection(
      'authorityUrl',
      `"${authorityText}" is not an Entra authority. Example: ${DEFAULT_AUTHORITY}`,
    );
  }
  if (!/^[\x21-\x7e]+$/.test(refreshToken)) {
    faults.connection(
      'apitoken',
      'the refresh token is missing or is not one. Sign the issuing user in and store the refresh token',
    );
  }
  return authority === undefined
    ? undefined
    : {
        authority,
        tenantId,
        clientId,
        refreshToken,
        clientSecret: clientSecret === '' ? undefined : clientSecret,
      };
}

/** The origin of an Entra authority; undefined for everything that may not get a sign-in. */
export function readAuthority(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const bare = url.pathname === '/' && url.search === '' && url.hash === '';
  return bare && isCredentialHost(url, 'entra') ? url.origin : undefined;
}

function readEntraToken(agent: Agent, token: string, faults: InputFaults): Issuer | undefined {
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
  const home = runCollection(agent) ?? organizationAt(first) ?? (first === '' ? undefined : CLOUD);
  if (home === undefined) {
    faults.input(
      'organization',
      `the collection of this run is not an Azure DevOps organization; name one. Example: ${ORGANIZATION_EXAMPLE}`,
    );
    return undefined;
  }
  return { kind: 'entra-token', token, home };
}

/** The organization that this pipeline runs in. */
export function runCollection(agent: Agent): Organization | undefined {
  return organizationAt(agent.variable('System.TeamFoundationCollectionUri') ?? '');
}
