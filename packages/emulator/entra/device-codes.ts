import { randomBytes, randomInt } from 'node:crypto';
import type { User } from './principals.js';

/** A sign-in that was begun on one device and is to be approved on another. */
export interface DeviceCode {
  /** What the person types. */
  readonly userCode: string;
  /** What the program asks with. */
  readonly deviceCode: string;
  readonly clientId: string;
  readonly scope: string;
  readonly expiresAt: Date;
  state: 'pending' | 'approved' | 'declined' | 'redeemed';
  /** Who approved it. */
  user: User | undefined;
  lastAsked: number | undefined;
}

/** Letters that nobody confuses. */
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
const CODE_LENGTH = 9;

/** Every device code, and what becomes of it. */
export class DeviceCodes {
  readonly all: DeviceCode[] = [];
  /** Seconds that a program has to wait between two questions; real ones, as it waits. */
  interval = 5;
  /** Seconds that a code is good for, by the clock of the services. */
  expiresIn = 900;

  constructor(private readonly clock: () => Date) {}

  begin(clientId: string, scope: string): DeviceCode {
    const code: DeviceCode = {
      userCode: Array.from({ length: CODE_LENGTH }, () => LETTERS.charAt(randomInt(LETTERS.length))).join(''),
      deviceCode: randomBytes(96).toString('base64url'),
      clientId,
      scope,
      expiresAt: new Date(this.clock().getTime() + this.expiresIn * 1_000),
      state: 'pending',
      user: undefined,
      lastAsked: undefined,
    };
    this.all.push(code);
    return code;
  }

  find(deviceCode: string): DeviceCode | undefined {
    return this.all.find(code => code.deviceCode === deviceCode);
  }

  /** The code as a person types it, if it still waits for somebody. */
  waiting(typed: string): DeviceCode | undefined {
    const userCode = typed.replace(/[\s-]/g, '').toUpperCase();
    return this.all.find(
      code => code.userCode === userCode && code.state === 'pending' && !this.isExpired(code),
    );
  }

  isExpired(code: DeviceCode): boolean {
    return this.clock().getTime() >= code.expiresAt.getTime();
  }

  /** Notes the question. A tenth of the interval is let pass: timers are not exact. */
  isAskedTooOften(code: DeviceCode): boolean {
    const now = performance.now();
    const before = code.lastAsked;
    code.lastAsked = now;
    return code.state === 'pending' && before !== undefined && now - before < this.interval * 900;
  }

  /** A person approves the newest code that waits, or the one typed. Throws when there is none. */
  approve(user: User, typed = this.newest().userCode): void {
    const code = this.#get(typed);
    code.user = user;
    code.state = 'approved';
  }

  decline(typed = this.newest().userCode): void {
    this.#get(typed).state = 'declined';
  }

  newest(): DeviceCode {
    const code = this.all.findLast(code => code.state === 'pending');
    if (!code) throw new Error('No sign-in waits for a person.');
    return code;
  }

  #get(typed: string): DeviceCode {
    const code = this.waiting(typed);
    if (!code) throw new Error(`No sign-in waits with the code ${typed}.`);
    return code;
  }
}
