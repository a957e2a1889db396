import { type Organization, parseOrganization, sameOrganization } from '#azure-devops/organization';
import { FULL_ACCESS } from '#pat/scope-catalogue';
import { parseScopes } from '#pat/scopes';
import { Failure } from '#advice/failure';
import { asText, type JsonObject } from '#text/json';
import { parseLifetime, formatLifetime, YEAR } from '#text/lifetime';
import { sanitize } from '#text/sanitize';
import { CEILING_OPTIONS, EVERY_SCOPE, type CeilingName } from '../connect/ceiling-options.js';
import { spokenRotation, spokenScopes } from '../connect/report.js';
import { failed, ok, warn, type Check } from './check.js';

/** What the connection allows at most: whether every task can read it, and whether it is low. */
export function ceilingChecks(data: JsonObject, home: Organization): Check[] {
  const field = (name: CeilingName) => sanitize(asText(data[name]) ?? '', 2_000).trim();
  const faults = [
    ...scopeFaults(field('allowedScopes')),
    ...lifetimeFaults('maxLifetime', field('maxLifetime')),
    ...lifetimeFaults('maxRotatedLifetime', field('maxRotatedLifetime')),
    ...organizationFaults(field('allowedOrganizations'), home),
  ];
  if (faults.length > 0) {
    const what = `The ceilings cannot be read: ${faults.join('; ')}.`;
    const repair = 'Run "job-pat connect" again with the options of these ceilings.';
    return [failed('ceilings', new Failure('connection-not-usable', what, repair))];
  }
  const scopes = field('allowedScopes');
  const organizations = field('allowedOrganizations') || home.name;
  const text = [
    sanitize(spokenScopes(scopes), 200),
    spoken(field('maxLifetime') || '24h'),
    sanitize(organizations, 200),
  ].join(', ');
  return [
    scopes === '' || scopes === EVERY_SCOPE || fullAccess(scopes) ? wide(text) : ok('ceilings', text),
    rotation(field('maxRotatedLifetime')),
    ...empty(field),
  ];
}

function wide(text: string): Check {
  return warn(
    'ceilings',
    text,
    `Name the scopes that jobs need with "job-pat connect ${CEILING_OPTIONS.allowedScopes}".`,
  );
}

function fullAccess(scopes: string): boolean {
  return scopes.split(/\s+/).includes(FULL_ACCESS);
}

/** Whether RotatePat@1 may use the connection, which not everybody wants. */
function rotation(lifetime: string): Check {
  const none = lifetime === '' || parseLifetime(lifetime) === 0;
  return ok(
    'rotation',
    none
      ? `${spokenRotation('')}; "job-pat connect ${CEILING_OPTIONS.maxRotatedLifetime} 90d" would allow it`
      : `RotatePat@1 may keep PATs of up to ${spoken(lifetime)} in a store`,
  );
}

/** Fields that older versions left empty. Agents before 5.277 let a variable of the job stand for an empty one. */
function empty(field: (name: CeilingName) => string): Check[] {
  const names = (Object.keys(CEILING_OPTIONS) as CeilingName[]).filter(name => field(name) === '');
  if (names.length === 0) return [];
  return [
    warn(
      'empty fields',
      `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} empty, so ${names.length === 1 ? 'its default counts' : 'their defaults count'}`,
      'Run "job-pat connect" again: it writes every ceiling out.',
    ),
  ];
}

function spoken(lifetime: string): string {
  return formatLifetime(parseLifetime(lifetime) ?? 0);
}

function scopeFaults(text: string): string[] {
  return parseScopes(text, { allowUnknown: false }).faults.map(fault => `allowedScopes: ${fault}`);
}

function lifetimeFaults(name: 'maxLifetime' | 'maxRotatedLifetime', text: string): string[] {
  if (text === '') return [];
  const lifetime = parseLifetime(text);
  const fits = lifetime !== undefined && lifetime <= YEAR && (lifetime > 0 || name === 'maxRotatedLifetime');
  return fits ? [] : [`${name}: "${sanitize(text, 40)}" is not a lifetime`];
}

function organizationFaults(text: string, home: Organization): string[] {
  const words = text.split(/[\s,;]+/).filter(word => word !== '');
  const organizations = words.flatMap(word => parseOrganization(word, home) ?? []);
  if (organizations.length < words.length)
    return [`allowedOrganizations: "${sanitize(text, 80)}" names something else`];
  return words.length === 0 || organizations.some(one => sameOrganization(one, home))
    ? []
    : [`allowedOrganizations: ${home.name}, where the connection is, is not among them`];
}
