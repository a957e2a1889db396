import type { Pat } from '#emulator/pats/store';
import { JOB_PAT_LIFE, OVERLAP, ROTATED_LIFE, type Cloud, type Entry, type RunningJob } from './cloud.js';
import type { Process } from './process.js';

/** In whose name a process works: what it may make and end. */
export type Role =
  | { readonly kind: 'job' | 'rotation' | 'renewal' | 'audit' | 'reaper'; readonly job: RunningJob }
  | { readonly kind: 'revocation'; readonly job: RunningJob; readonly of: RunningJob };

const MINUTE = 60_000;
/** Clocks differ by six minutes at most, and the service rounds. */
const CLOCKS = 7 * MINUTE;

/** What must hold whatever happens, looked at after each request that was carried out. */
export class Invariants {
  readonly #seen = new Set<string>();
  readonly #revoked = new Set<string>();
  #others: string;
  #storesVersion = 0;
  #losesUpdate = false;
  /** Requests that may change a store. */
  #writes = 0;
  #writesSeen = 0;
  /** How often PATs had changed at the last look. */
  #patsSeen = -1;
  /** Entries whose record a write of somebody else took back, until they are written again. */
  readonly #torn = new Set<Entry>();
  /** What the stores held that were found in no good state, until somebody writes. */
  readonly #asFound = new Map<Entry, string>();
  #acting: Role | undefined;

  constructor(private readonly cloud: Cloud) {
    for (const entry of cloud.entries) {
      const { value = '', recorded = '' } = cloud.held(entry);
      if (['dead', 'foreign'].includes(entry.plan.before)) this.#asFound.set(entry, `${recorded} ${value}`);
    }
    for (const { authorizationId, revokedAt } of cloud.world.services.pats.list()) {
      this.#seen.add(authorizationId);
      if (revokedAt !== undefined) this.#revoked.add(authorizationId);
    }
    this.#others = this.#otherThings();
    cloud.world.checks.push(() => {
      const { version, revocations } = cloud.world.services.pats;
      // Nothing can have changed without one of these; most requests only read.
      const pats = version + revocations;
      if (pats === this.#patsSeen && this.#writes === this.#writesSeen) return;
      if (pats !== this.#patsSeen) this.#checkPats();
      this.#checkStores();
      if (this.#writes !== this.#writesSeen) this.#checkOthers();
      this.#checkIssuer();
      this.#patsSeen = pats;
      this.#writesSeen = this.#writes;
    });
  }

  /**
   * From now on this process acts in that role. Noted are when each organization's list was last looked at, and whether a
   * store that it replaces is still as it was when it read it: the service has no condition on a write.
   */
  watch(process: Process, role: Role): Map<string, number> {
    const looks = new Map<string, number>();
    let read = 0;
    process.watch = {
      sent: () => read,
      carriedOut: ({ method, about, organization }, when, sent, lag) => {
        const isStore = about === 'store';
        if (when === 'before') {
          this.#acting = role;
          if (isStore && method !== 'GET') this.#writes += 1;
          if (isStore && method === 'PUT' && sent !== this.#storesVersion) this.#losesUpdate = true;
          return;
        }
        if (isStore && method === 'GET') read = this.#storesVersion;
        if (isStore && method === 'PUT') this.#replaced();
        if (about === 'list of PATs') looks.set(organization, this.cloud.world.time.now - lag);
      },
    };
    return looks;
  }

  /** A write that was based on what is not there any more took away what others wrote: nobody can see it coming. */
  #replaced(): void {
    this.#storesVersion += 1;
    if (!this.#losesUpdate) return;
    this.#losesUpdate = false;
    this.cloud.world.tally.count('lost updates');
    this.cloud.world.tell('service', 'this write takes away what others wrote since it was read');
    this.#others = this.#otherThings();
    for (const entry of this.cloud.entries) {
      const { value, recorded } = this.cloud.held(entry);
      if (this.cloud.world.services.pats.withId(recorded ?? '')?.value === value) continue;
      // The value of the neighbour stayed, since a secret that is sent as null does; its record became the old one.
      this.#torn.add(entry);
      this.cloud.world.tally.count('lost updates that tore a record from its value');
    }
  }

  /** The living PATs of a job. */
  living({ build, jobId }: RunningJob): Pat[] {
    const mark = `/${build.id}/${jobId.slice(0, 8)}/`;
    return this.cloud.world.services.pats.active().filter(({ displayName }) => displayName.includes(mark));
  }

  /** The living generations of an entry, newest first. */
  generations(entry: Entry): Pat[] {
    return this.cloud.world.services.pats
      .active()
      .filter(
        ({ displayName, authorizationId }) =>
          displayName.startsWith(this.cloud.lineage(entry)) && !this.cloud.foreign.has(authorizationId),
      )
      .sort((a, b) => b.issuedAt.getTime() - a.issuedAt.getTime());
  }

  #checkPats(): void {
    const { world, foreign } = this.cloud;
    const { pats } = world.services;
    for (const pat of pats.list()) {
      if (!this.#seen.has(pat.authorizationId)) {
        this.#seen.add(pat.authorizationId);
        world.tally.count('PATs');
        world.tell(
          'service',
          `makes PAT "${pat.displayName}" in ${pat.organization.name}: ${pat.authorizationId}`,
        );
        this.#checkCreated(pat);
      }
      if (pat.revokedAt !== undefined && !this.#revoked.has(pat.authorizationId)) {
        this.#revoked.add(pat.authorizationId);
        world.tell('service', `revokes PAT "${pat.displayName}" in ${pat.organization.name}`);
        if (foreign.has(pat.authorizationId))
          world.violated(`PAT "${pat.displayName}" of somebody else is revoked`);
        else this.#checkRevoked(pat);
      }
    }
  }

  #checkCreated(pat: Pat): void {
    const { world } = this.cloud;
    const isGeneration = pat.displayName.includes(' job-pat:rotated/');
    const longest = (isGeneration ? ROTATED_LIFE : JOB_PAT_LIFE) + CLOCKS;
    if (pat.validTo.getTime() - world.time.now > longest)
      world.violated(`PAT "${pat.displayName}" lives longer than was asked`);
    const forWrites = pat.displayName.startsWith('Job PAT write ');
    if (!forWrites && pat.scope !== 'vso.code')
      world.violated(`PAT "${pat.displayName}" may do ${pat.scope}`);
    if (pat.allOrganizations) world.violated(`PAT "${pat.displayName}" is global`);
  }

  #checkRevoked(pat: Pat): void {
    const role = this.#acting;
    const owner = this.cloud.jobs.find(({ build, jobId }) =>
      pat.displayName.includes(`/${build.id}/${jobId.slice(0, 8)}/`),
    );
    if (role === undefined) return;
    const fine =
      owner === undefined
        ? role.kind === 'rotation'
        : owner === role.job || !owner.live || (role.kind === 'revocation' && owner === role.of);
    if (!fine || role.kind === 'audit')
      this.cloud.world.violated(
        `a ${role.kind} revokes PAT "${pat.displayName}", which is none of its business`,
      );
  }

  /** At every moment a store holds a value that works and the record that names it, and all else as it was. */
  #checkStores(): void {
    const { world, entries } = this.cloud;
    const { pats } = world.services;
    for (const entry of entries) {
      const { value, recorded } = this.cloud.held(entry);
      // What was wrong from the beginning stays so until somebody writes.
      if (this.#asFound.get(entry) === `${recorded ?? ''} ${value ?? ''}`) continue;
      this.#asFound.delete(entry);
      if (recorded === undefined) {
        // Taken back to what was read before the first rotation: to no record.
        if (this.#torn.has(entry)) continue;
        if (value !== undefined && value !== '')
          world.violated(`${entry.variableName}: the store holds a value without a record`);
        if (!['empty', 'foreign'].includes(entry.plan.before))
          world.violated(`${entry.variableName}: the record is lost`);
        continue;
      }
      const pat = pats.withId(recorded);
      if (pat?.value === value) this.#torn.delete(entry);
      else if (this.#torn.has(entry)) continue;
      if (pat === undefined)
        world.violated(`${entry.variableName}: the store names a PAT that does not exist`);
      else if (pat.value !== value)
        world.violated(`${entry.variableName}: the store holds another PAT than it names`);
      else if (pat.state !== 'active')
        world.violated(`${entry.variableName}: the store holds a PAT that is ${pat.state}`);
    }
  }

  #checkOthers(): void {
    const now = this.#otherThings();
    if (now !== this.#others)
      this.cloud.world.violated(`something else changed: ${this.#others} became ${now}`);
  }

  /** A person changed something beside what is rotated: from now on it has to stay so. */
  edited(): void {
    this.#storesVersion += 1;
    this.#others = this.#otherThings();
  }

  /** Everything around what is rotated. */
  #otherThings(): string {
    const { cloud } = this;
    const names = new Set(
      cloud.entries.flatMap(({ variableName }) => [variableName, `${variableName}.authorizationId`]),
    );
    const { url, scheme, data, name, description } = cloud.issuer;
    const written = description.replace(/\s*job-pat:renewed\/\S+/, '').trim();
    const things: unknown[] = [url, scheme, data, name, written];
    if (cloud.usesGroup) {
      const { variables, name, description, type, references } = cloud.group;
      const others = Object.entries(variables)
        .filter(([key]) => !names.has(key))
        .map(([key, { value, isSecret = false }]) => [key, value, isSecret])
        .sort();
      things.push(
        others,
        name,
        description,
        type,
        references.map(({ project }) => project.id),
      );
    }
    if (cloud.usesConnection) {
      const { name, url, type, scheme, data, description } = cloud.kept;
      things.push(name, url, type, scheme, data, description.replace(/\s*job-pat:rotated\/\S+/, '').trim());
    }
    if (cloud.usesVault) things.push(cloud.otherTags);
    return JSON.stringify(things);
  }

  #checkIssuer(): void {
    const { world, issuer } = this.cloud;
    const token = world.services.directory.refreshTokens.get(issuer.parameters['apitoken'] ?? '');
    if (token === undefined) world.violated('the connection of the issuer holds no refresh token');
    else if (token.revoked || world.services.directory.isExpired(token))
      world.violated('the connection of the issuer holds a refresh token that does not work');
  }

  /**
   * What is wrong with the living generations of an entry, once nothing is young any more: the recorded one lives, and the
   * one before it in overlap.
   */
  generationFault(entry: Entry): string | undefined {
    const { recorded } = this.cloud.held(entry);
    const generations = this.generations(entry);
    const current = generations.find(({ authorizationId }) => authorizationId === recorded);
    if (current === undefined) return 'no living generation is on record';
    const inOverlap = this.cloud.world.time.now < current.issuedAt.getTime() + OVERLAP;
    const others = generations.filter(pat => pat !== current);
    if (others.length <= (inOverlap ? 1 : 0)) return undefined;
    const names = others.map(pat => pat.displayName).join(', ');
    return `${others.length} generations live beside the recorded one: ${names}`;
  }

  checkGenerations(entry: Entry): void {
    const fault = this.#torn.has(entry) ? undefined : this.generationFault(entry);
    if (fault !== undefined) this.cloud.world.violated(`${entry.variableName}: after a quiet run ${fault}`);
  }
}
