import { auditPats } from '../tasks/AuditPats/AuditPatsV1/run.js';
import { endWithJob } from '../tasks/IssuePat/IssuePatV1/after-job.js';
import { issuePat } from '../tasks/IssuePat/IssuePatV1/run.js';
import { renewPatIssuer } from '../tasks/RenewPatIssuer/RenewPatIssuerV1/run.js';
import { revokePats } from '../tasks/RevokePat/RevokePatV1/run.js';
import { rotatePats } from '../tasks/RotatePat/RotatePatV1/run.js';
import type { Effects } from '#agent/effects';
import { MAIN_STAGE, POST_JOB_STAGE } from '#agent/budgets';
import type { StepOfJob } from './agent.js';
import { ORGANIZATIONS, VAULT, type Cloud, type RunningJob } from './cloud.js';
import type { Invariants, Role } from './invariants.js';
import { AZURE } from './issuers.js';
import type { Actor, ActorPlan, JobPlan, SignIn } from './plan.js';
import { Process } from './process.js';
import type { StagePlan } from './sender.js';
import { runStage, type StageEnd } from './stage.js';

const MINUTE = 60_000;
const MARGIN = 2_000;
/** What the budgets of a stage add up to, with a little for the way of its last answer. */
const LONGEST = {
  main: (organizations: number) =>
    MAIN_STAGE.signIn +
    MAIN_STAGE.leftovers +
    Math.min(MAIN_STAGE.createAll, organizations * MAIN_STAGE.create) +
    Math.min(MAIN_STAGE.verifyAll, organizations * MAIN_STAGE.verify) +
    MAIN_STAGE.undo +
    MARGIN,
  post: POST_JOB_STAGE.all + MARGIN,
  task: 60 * MINUTE,
} as const;

type Rotation = Pick<Extract<ActorPlan, { kind: 'rotation' }>, 'writeAs' | 'force' | 'thenQueue' | 'stage'>;

/** Everybody who does something in a life. */
export class Actors {
  /** Jobs whose PATs nobody revoked, for RevokePat. */
  readonly #left: { readonly job: RunningJob; readonly ids: string }[] = [];

  constructor(
    private readonly cloud: Cloud,
    private readonly invariants: Invariants,
    private readonly seed: readonly (string | number)[],
  ) {}

  /** @returns when the actor has nothing more to do */
  async run(plan: ActorPlan, index: number): Promise<void> {
    const { world } = this.cloud;
    await world.time.wait(plan.at);
    switch (plan.kind) {
      case 'job':
        return this.#job(plan, `job ${index}`);
      case 'reaper':
        return this.reap(plan.stage, `reaper ${index}`, plan.as);
      case 'revocation':
        return this.#revoke(plan.by, plan.stage, `revocation ${index}`);
      case 'rotation': {
        const entry = plan.entry % Math.max(1, this.cloud.entries.length);
        return this.rotate(entry, plan, `rotation ${index}`);
      }
      case 'renewal':
        await this.#task(
          'RenewPatIssuer',
          { writeAs: plan.writeAs },
          renewPatIssuer,
          plan.stage,
          `renewal ${index}`,
          'renewal',
        );
        return;
      case 'audit':
        return this.#audit(plan.as, plan.stage, `audit ${index}`);
      case 'edit':
        this.#edit(index);
        return;
    }
  }

  async reap(stage: StagePlan, name: string, as: Actor, signIn: SignIn = 'connection'): Promise<void> {
    const { administratorToken: adminToken, issuingUser: user } = this.cloud;
    const inputs = {
      what: 'orphans',
      organization: ORGANIZATIONS.join(','),
      ...(as === 'administrator' ? { as, adminToken, user, patIssuer: '' } : {}),
    };
    await this.#task('RevokePat', inputs, revokePats, stage, name, 'reaper', signIn);
  }

  async rotate(index: number, { writeAs, force, thenQueue, stage }: Rotation, name: string): Promise<void> {
    const entry = this.cloud.entries[index];
    if (entry === undefined) return;
    const places: Readonly<Record<typeof entry.plan.kind, Readonly<Record<string, string>>>> = {
      variableGroup: { variableGroup: 'deploy', variableName: entry.variableName },
      serviceConnection: { serviceConnection: 'Git server', connectionParameter: 'apitoken' },
      keyVault: {
        azureConnection: AZURE,
        keyVaultUrl: `https://${VAULT}`,
        secretName: entry.variableName.replace('_', '-'),
      },
    };
    const takesOver = entry.plan.kind === 'serviceConnection' || entry.plan.before === 'foreign';
    const inputs = {
      name: entry.name,
      scopes: 'vso.code',
      store: entry.plan.kind,
      writeAs,
      force: String(force),
      takeOver: String(takesOver),
      ...(thenQueue ? { thenQueue: 'Restart mirror' } : {}),
      ...places[entry.plan.kind],
    };
    await this.#task('RotatePat', inputs, rotatePats, stage, name, 'rotation');
  }

  async #job(plan: JobPlan, name: string): Promise<void> {
    const { cloud, invariants } = this;
    const { world } = cloud;
    const job = cloud.startJob();
    const role: Role = { kind: 'job', job };
    const organizations = ORGANIZATIONS.slice(0, plan.organizations);
    const inputs = {
      scopes: 'vso.code',
      organization: organizations.join(','),
      verify: String(plan.verify),
      revoke: plan.revoke,
      onRevokeFailure: plan.onRevokeFailure,
      ...(plan.basic ? { basicVariableName: 'JOB_PAT_BASIC' } : {}),
    };
    const step = cloud.step('IssuePat', inputs, job, plan.signIn);
    const mains: Process[] = [];
    let end: StageEnd | undefined;
    for (const [attempt, stage] of plan.main.entries()) {
      const main = this.#process(stage, attempt === 0 ? name : `${name} again`, !plan.container);
      mains.push(main);
      const looks = invariants.watch(main, role);
      end = await runStage(world, main, step, issuePat, LONGEST.main(plan.organizations));
      if (end.result !== 'Failed') {
        this.#checkIssued(end, organizations, job, looks);
        break;
      }
    }
    if (end?.result === 'Succeeded') await world.time.wait(plan.works);
    if (plan.agentDies) world.tell(name, 'the agent is lost');
    else await this.#afterJob(plan, step, job, name);
    // Containers are removed after all post-job steps, and a lost agent takes its processes with it.
    for (const main of mains) if (main.alive) main.kill();
    this.#left.push({ job, ids: end?.handed.outputs.get('authorizationId') ?? '' });
    cloud.endJob(job);
  }

  async #afterJob(plan: JobPlan, step: StepOfJob, job: RunningJob, name: string): Promise<void> {
    const { world } = this.cloud;
    const post = this.#process(plan.post, `${name} post`, !plan.container);
    const looks = this.invariants.watch(post, { kind: 'job', job });
    const end = await runStage(world, post, step, endWithJob, LONGEST.post);
    if (end.result === 'killed' || plan.revoke === 'never') return;
    for (const pat of this.invariants.living(job)) {
      const cameLater = pat.issuedAt.getTime() > (looks.get(pat.organization.name) ?? Infinity);
      const isTold = [...end.handed.lines, end.message].some(line => line.includes(pat.displayName));
      const isGreen = end.result === 'Succeeded';
      if (cameLater || (isTold && !isGreen)) continue;
      world.violated(
        isGreen
          ? `after a green post-job step PAT "${pat.displayName}" lives`
          : `PAT "${pat.displayName}" lives, and the post-job step does not say so`,
      );
    }
  }

  /** A green step has exposed exactly one living PAT for each organization, and nothing else of it lives untold. */
  #checkIssued(
    end: StageEnd,
    organizations: readonly string[],
    job: RunningJob,
    looks: ReadonlyMap<string, number>,
  ): void {
    const { world } = this.cloud;
    if (end.result !== 'Succeeded' && end.result !== 'SucceededWithIssues') return;
    const exposed = [...end.handed.secretVariables.values()].flatMap(
      value => world.services.pats.withValue(value) ?? [],
    );
    for (const organization of organizations) {
      const ours = exposed.filter(pat => pat.organization.name === organization);
      if (ours.length !== 1) world.violated(`a green step exposes ${ours.length} PATs in ${organization}`);
      for (const pat of ours)
        if (pat.state !== 'active') world.violated(`a green step exposes a PAT that is ${pat.state}`);
    }
    for (const pat of this.invariants.living(job)) {
      if (exposed.some(({ authorizationId }) => authorizationId === pat.authorizationId)) continue;
      const cameLater = pat.issuedAt.getTime() > (looks.get(pat.organization.name) ?? Infinity);
      const isTold = end.handed.lines.some(line => line.includes(pat.displayName));
      if (!cameLater && !isTold)
        world.violated(`beside what a green step exposes PAT "${pat.displayName}" lives`);
    }
  }

  async #revoke(by: 'ids' | 'run' | 'name', stage: StagePlan, name: string): Promise<void> {
    const left = this.#left[0];
    if (left === undefined) return;
    const { job, ids } = left;
    const inputs = {
      ids: { what: 'ids', authorizationIds: ids },
      run: { what: 'run', runId: String(job.build.id) },
      name: { what: 'name', namePattern: `* job-pat:build/${job.build.project.id}/${job.build.id}/*` },
    }[by];
    const own = this.cloud.startJob();
    const process = this.#process(stage, name);
    this.invariants.watch(process, { kind: 'revocation', job: own, of: job });
    const organization = ORGANIZATIONS.join(',');
    const step = this.cloud.step('RevokePat', { ...inputs, organization }, own);
    await runStage(this.cloud.world, process, step, revokePats, LONGEST.task);
    this.cloud.endJob(own);
  }

  /** A step in a run of its own. */
  async #task(
    task: string,
    inputs: Readonly<Record<string, string>>,
    story: Parameters<typeof runStage>[3],
    stage: StagePlan,
    name: string,
    kind: 'rotation' | 'renewal' | 'audit' | 'reaper',
    signIn: SignIn = 'connection',
  ): Promise<void> {
    const job = this.cloud.startJob();
    const process = this.#process(stage, name);
    this.invariants.watch(process, { kind, job });
    const step = this.cloud.step(task, inputs, job, signIn);
    await runStage(this.cloud.world, process, step, story, LONGEST.task);
    this.cloud.endJob(job);
  }

  async #audit(as: Actor, stage: StagePlan, name: string): Promise<void> {
    const { world, administratorToken: adminToken } = this.cloud;
    const inputs = as === 'issuer' ? {} : { whose: 'organization', adminToken, patIssuer: '' };
    // Files are no part of a life, but what would be in them must not be secret.
    const disk = {
      makeFolder: () => undefined,
      writeWhole: (path: string, content: string) => {
        const shown = world.shownIn(content);
        if (shown !== undefined) world.violated(`${name} writes ${shown} to ${path}`);
      },
    };
    const story = (effects: Effects) => auditPats(effects, disk);
    await this.#task('AuditPats', { outputFolder: '', ...inputs }, story, stage, name, 'audit');
  }

  #edit(index: number): void {
    const { cloud, invariants } = this;
    const text = `edited ${index}`;
    if (cloud.usesGroup) {
      const { group } = cloud;
      group.variables = { ...group.variables, URL: { value: text } };
    }
    for (const connection of [cloud.issuer, ...(cloud.usesConnection ? [cloud.kept] : [])]) {
      const description = `${connection.description}\n${text}`;
      connection.description = description;
      // The service connection page writes the description of the project that it is opened in, too.
      connection.references = connection.references.map(reference => ({ ...reference, description }));
    }
    if (cloud.usesVault) cloud.tagSecrets(text);
    invariants.edited();
    cloud.world.tell('a person', 'edits something beside it');
  }

  #process(stage: StagePlan, name: string, signalled = true): Process {
    return new Process(this.cloud.world, name, stage, this.seed, signalled);
  }
}
