import type { Finding, Inventory, InventoryPat } from './inventory.js';
import { pageOf, REPOSITORY, VERSION } from '#text/product';
import { sarifText } from './formats.js';

const HELP = pageOf('docs/audit.md');

/** The findings in SARIF 2.1.0 (OASIS). A PAT has no place in a file: its page stands there. */
export function sarifOf(inventory: Inventory): object {
  const { rules, pats, general, exceptions, complete, missing } = inventory;
  const index = new Map<string, number>(rules.map(({ id }, index) => [id, index]));
  const ofPats = pats.flatMap(pat => pat.findings.map(finding => ({ pat, finding })));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Job PAT',
            semanticVersion: VERSION,
            informationUri: REPOSITORY,
            rules: [
              ...rules.map(({ id, title, severity, repair }) => reportingRule(id, title, severity, repair)),
              reportingRule(
                'exception-expired',
                'Exception past its end',
                'warning',
                'Prolong it with a reason, or delete it.',
              ),
            ],
          },
        },
        invocations: [
          {
            executionSuccessful: complete,
            endTimeUtc: inventory.readAt,
            toolExecutionNotifications: missing.map(({ organization, user, reason }) => ({
              level: 'error',
              message: { text: sarifText([organization, user ?? '', reason].filter(Boolean).join(': ')) },
            })),
          },
        ],
        results: [
          ...ofPats.map(({ pat, finding }) => ({
            ...result(finding, index.get(finding.rule)),
            message: { text: `${finding.message} PAT ${quoted(pat)}.` },
            locations: [location(pat)],
            partialFingerprints: { 'jobPat/v1': `${finding.rule}/${pat.authorizationId}` },
            ...(finding.exception !== undefined && {
              suppressions: [
                {
                  kind: 'external',
                  status: 'accepted',
                  justification: sarifText(exceptions[finding.exception]?.reason ?? ''),
                },
              ],
            }),
          })),
          ...general.map(finding => ({
            ...result(finding, rules.length),
            message: { text: sarifText(finding.message) },
          })),
        ],
      },
    ],
  };
}

function reportingRule(id: string, title: string, level: string, repair: string): object {
  return {
    id,
    name: title,
    shortDescription: { text: title },
    fullDescription: { text: title },
    help: { text: repair },
    helpUri: HELP,
    defaultConfiguration: { level },
  };
}

function result({ rule, severity }: Finding, ruleIndex: number | undefined): object {
  return { ruleId: rule, ...(ruleIndex !== undefined && { ruleIndex }), level: severity };
}

function quoted({ displayName, authorizationId }: InventoryPat): string {
  return `"${sarifText(displayName)}" (${authorizationId})`;
}

function location(pat: InventoryPat): object {
  const name = sarifText(pat.displayName);
  return {
    physicalLocation: {
      artifactLocation: {
        uri: `https://dev.azure.com/${encodeURIComponent(pat.organization)}/_usersSettings/tokens`,
      },
    },
    logicalLocations: [
      {
        name,
        fullyQualifiedName: `${pat.organization}/${sarifText(pat.user?.principalName ?? 'issuer')}/${pat.authorizationId}`,
        kind: 'resource',
      },
    ],
  };
}
