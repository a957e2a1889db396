import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate that no machine trusts by itself. */
export interface Certificate {
  readonly key: string;
  readonly certificate: string;
  /** The file of the authority that signed it, as an agent is given it. */
  readonly authorityFile: string;
  remove(): void;
}

/** Makes a certificate for these hosts with the program openssl; undefined where there is none. */
export function certificateFor(hosts: readonly string[]): Certificate | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  const keyFile = join(folder, 'key.pem');
  const authorityFile = join(folder, 'authority.pem');
  const names = hosts.map(host => (/^[\d.]+$/.test(host) ? `IP:${host}` : `DNS:${host}`)).join(',');
  const command = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=stand-in'];
  try {
    execFileSync(
      'openssl',
      [...command, '-addext', `subjectAltName=${names}`, '-keyout', keyFile, '-out', authorityFile],
      { stdio: 'ignore' },
    );
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  return {
    key: readFileSync(keyFile, 'utf8'),
    certificate: readFileSync(authorityFile, 'utf8'),
    authorityFile,
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}
