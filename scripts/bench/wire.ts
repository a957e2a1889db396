import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pc from 'picocolors';
import { startEmulator, type Emulator } from '#emulator/index';
import { certificateFor, type Certificate } from '../certificate.js';
import { DistantCloud, HOSTS, type Traffic } from './distant-cloud.js';
import type { Setting } from './part.js';
import { probedRun } from './process-runs.js';
import { runProcess, taskVariablesIn, type Environment } from './stage-process.js';
import { megabytes, tableOf } from './table.js';
import { cloudEnvironment, largeSteps, ORGANIZATIONS, wireSteps, type WireStep } from './wire-steps.js';

/** What everything that goes over the wire shares. */
interface Wire extends Setting {
  readonly cloud: DistantCloud;
  readonly distant: Emulator;
  readonly certificate: Certificate;
  readonly folder: string;
  /** Loaded first, leads connections to the hosts of the cloud over the wire. */
  readonly signpost: string;
}

interface Version {
  readonly label: string;
  readonly tasks: string;
}

/** The time of a whole process, by the length of the wire, and what it sent. */
interface Measured {
  readonly milliseconds: ReadonlyMap<number, number>;
  readonly traffic: Traffic;
}

const PAIRS = 5;

/** Steps over a wire with a delay, each host with a name of its own, and what a user would write instead. */
export async function wire(setting: Setting): Promise<string> {
  return overAWire(setting, async wire => {
    const rows: string[][] = [];
    for (const step of wireSteps(PAIRS).filter(({ what }) => setting.steps(what))) {
      setting.say(`${step.what}, ${step.runs} at each of ${step.roundTrips.join(', ')} ms`);
      const measured = await inTurn(versionsOf(setting), step, (version, roundTrip) =>
        onePass(wire, step, version, roundTrip),
      );
      for (const [{ label }, found] of measured) {
        rows.push(rowOf(step, label, found));
        setting.say(`  ${label}: ${slope(found.milliseconds).toFixed(1)} round trips`);
      }
    }
    setting.say('curl, jq and curl');
    const curl = { what: 'curl, jq and curl', roundTrips: [0, 40, 150], runs: PAIRS };
    for (const [, found] of await inTurn([{ label: '', tasks: '' }], curl, (_, roundTrip) =>
      curlTwice(wire, roundTrip),
    ))
      rows.push(rowOf(curl, '', found));
    const head = ['what', 'version', '0 ms', '40 ms', '150 ms', 'connections', 'requests', 'in flight'];
    const legend =
      `Whole processes over TLS; the wire delays by so many milliseconds there and back. Round trips: how much longer the ` +
      `process takes for each millisecond of delay (a TCP connection costs one, TLS one, a request one).`;
    return `${tableOf([...head, 'round trips', 'at most', 'least'], rows)}\n${pc.dim(legend)}`;
  });
}

/** Steps of ten thousand PATs over a wire of 40 ms. */
export async function large(setting: Setting): Promise<string> {
  return overAWire(setting, async wire => {
    const rows: string[][] = [];
    for (const step of largeSteps().filter(({ what }) => setting.steps(what))) {
      for (const { label, tasks } of versionsOf(setting)) {
        setting.say(`${step.what}, ${label}`);
        const { args, environment } = await preparedRun(wire, step, { label, tasks });
        wire.cloud.reset(40);
        const { milliseconds, peak } = await probedRun(args, environment);
        const { connections, requests, mostInFlight } = wire.cloud.traffic;
        setting.say(`  ${requests} requests, ${(milliseconds / 1000).toFixed(1)} s, ${megabytes(peak)}`);
        rows.push([
          step.what,
          label,
          requests.toLocaleString('en'),
          String(connections),
          String(mostInFlight),
          `${(milliseconds / 1000).toFixed(1)} s`,
          megabytes(peak),
        ]);
      }
    }
    const head = ['what', 'version', 'requests', 'connections', 'in flight', 'time', 'peak memory'];
    return `${tableOf(head, rows)}\n${pc.dim('Over TLS and a wire of 40 ms there and back, once each.')}`;
  });
}

async function overAWire(setting: Setting, measure: (wire: Wire) => Promise<string>): Promise<string> {
  const certificate = certificateFor(HOSTS);
  if (certificate === undefined)
    return 'The wire is not measured: there is no openssl to make a certificate with.';
  const folder = await mkdtemp(join(tmpdir(), 'job-pat-wire-'));
  const distant = await startEmulator({ organizations: ORGANIZATIONS });
  const cloud = await DistantCloud.start(distant, certificate);
  try {
    const signpost = join(folder, 'signpost.cjs');
    await writeFile(signpost, signpostTo(cloud.port));
    return await measure({ ...setting, cloud, distant, certificate, folder, signpost });
  } finally {
    await cloud.close();
    await distant.close();
    certificate.remove();
    await rm(folder, { recursive: true });
  }
}

/** Stands for the names of the cloud and their port, which nobody here can listen on. */
function signpostTo(port: number): string {
  return `
    const { Socket } = require('net');
    const connect = Socket.prototype.connect;
    const hosts = new Set(${JSON.stringify(HOSTS)});
    Socket.prototype.connect = function (...args) {
      // Called with a list of arguments by net.connect, and with the options alone by others.
      const list = Array.isArray(args[0]) ? args[0] : args;
      if (hosts.has(list[0].host)) list[0] = { ...list[0], host: '127.0.0.1', port: ${port} };
      return connect.apply(this, args);
    };`;
}

function versionsOf({ tasks, against }: Setting): Version[] {
  return [{ label: 'today', tasks }, ...(against === undefined ? [] : [against])];
}

/** Measures every version at every length of the wire in turn, so that a slow moment of the machine meets all of them. */
async function inTurn(
  versions: readonly Version[],
  { roundTrips, runs }: Pick<WireStep, 'roundTrips' | 'runs'>,
  pass: (version: Version, roundTrip: number) => Promise<Measurement>,
): Promise<[Version, Measured][]> {
  const times = new Map(versions.map(version => [version, new Map<number, number[]>()]));
  const traffic = new Map<Version, Traffic>();
  for (let run = 0; run < runs; run++) {
    for (const roundTrip of roundTrips) {
      for (const version of versions) {
        const measured = await pass(version, roundTrip).catch((error: unknown) => {
          // An older version may not get on with today's emulator: that is no reason to measure nothing.
          if (version === versions[0]) throw error;
          return undefined;
        });
        if (measured === undefined) continue;
        const of = times.get(version) ?? new Map<number, number[]>();
        of.set(roundTrip, [...(of.get(roundTrip) ?? []), measured.milliseconds]);
        traffic.set(version, measured.traffic);
      }
    }
  }
  return versions.map(version => {
    const milliseconds = new Map(
      [...(times.get(version) ?? [])].map(([length, all]) => [length, Math.min(...all)] as const),
    );
    return [version, { milliseconds, traffic: traffic.get(version) ?? NO_TRAFFIC }];
  });
}

const NO_TRAFFIC: Traffic = { connections: 0, requests: 0, mostInFlight: 0 };

interface Measurement {
  readonly milliseconds: number;
  readonly traffic: Traffic;
}

async function onePass(
  wire: Wire,
  step: WireStep,
  version: Version,
  roundTrip: number,
): Promise<Measurement> {
  const { args, environment } = await preparedRun(wire, step, version);
  wire.cloud.reset(roundTrip);
  const { milliseconds } = await runProcess(process.execPath, args, environment);
  return { milliseconds, traffic: wire.cloud.traffic };
}

/** The process to measure; for a post-job stage the main stage has been here, without a delay. */
async function preparedRun(
  { cloud, distant, certificate, folder, signpost }: Wire,
  step: WireStep,
  { tasks }: Version,
): Promise<{ args: string[]; environment: Environment }> {
  const given = {
    ...(await cloudEnvironment(distant)),
    NODE_EXTRA_CA_CERTS: certificate.authorityFile,
    ...(step.throughProxy === true ? { AGENT_PROXYURL: cloud.proxyUrl } : {}),
    ...(await step.prepare(distant, folder)),
  };
  const script = (stage: string) => join(tasks, step.task, `${step.task}V1`, `${stage}.js`);
  const args = (stage: string) => ['--require', signpost, script(stage)];
  if (step.stage === 'main') return { args: args('main'), environment: given };
  cloud.reset(0);
  const { output } = await runProcess(process.execPath, args('main'), given);
  return { args: args('post'), environment: { ...given, ...taskVariablesIn(output) } };
}

/** Sign in, take the token out of the answer, create the PAT: what a user would write instead of a step. */
async function curlTwice(wire: Wire, roundTrip: number): Promise<Measurement> {
  const { cloud, distant, certificate } = wire;
  const script = `set -euo pipefail
    curl() { command curl --silent --show-error --fail --cacert "$AUTHORITY" --connect-to "::127.0.0.1:$PORT" "$@"; }
    token=$(curl "https://login.microsoftonline.com/$TENANT/oauth2/v2.0/token" --data-urlencode "client_id=$CLIENT" \
      --data-urlencode grant_type=refresh_token --data-urlencode "refresh_token=$REFRESH" \
      --data-urlencode 'scope=499b84ac-1321-427f-aa17-267ca6975798/.default' | jq -r .access_token)
    curl 'https://vssps.dev.azure.com/contoso/_apis/tokens/pats?api-version=7.1-preview.1' \
      --oauth2-bearer "$token" --json "{\\"displayName\\":\\"curl\\",\\"scope\\":\\"vso.code\\",\\"validTo\\":\\"$UNTIL\\",\\"allOrgs\\":false}"`;
  const environment = {
    PATH: process.env['PATH'] ?? '',
    AUTHORITY: certificate.authorityFile,
    PORT: String(cloud.port),
    TENANT: distant.entra.tenantId,
    CLIENT: distant.entra.clientId,
    REFRESH: distant.entra.refreshToken,
    UNTIL: new Date(Date.now() + 3_600_000).toISOString(),
  };
  cloud.reset(roundTrip);
  const { milliseconds, output } = await runProcess('bash', ['-c', script], environment);
  if (!output.includes('authorizationId')) throw new Error(`curl made no PAT:\n${output.slice(-2000)}`);
  return { milliseconds, traffic: cloud.traffic };
}

function rowOf(
  { what, atMost, least }: Pick<WireStep, 'what' | 'atMost' | 'least'>,
  label: string,
  { milliseconds, traffic }: Measured,
): string[] {
  const at = (length: number) => {
    const time = milliseconds.get(length);
    return time === undefined
      ? ''
      : time < 10_000
        ? `${time.toFixed(0)} ms`
        : `${(time / 1000).toFixed(1)} s`;
  };
  const { connections, requests, mostInFlight } = traffic;
  return [
    what,
    label,
    ...[at(0), at(40), at(150)],
    ...[connections, requests, mostInFlight].map(String),
    pc.bold(slope(milliseconds).toFixed(1)),
    String(atMost ?? ''),
    String(least ?? ''),
  ];
}

/** Of the straight line that fits best: milliseconds of the process for each millisecond of the wire. */
function slope(points: ReadonlyMap<number, number>): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean([...points.keys()]), mean([...points.values()])];
  let [above, below] = [0, 0];
  for (const [length, time] of points) {
    above += (length - x) * (time - y);
    below += (length - x) ** 2;
  }
  return above / below;
}
