import type { Asker } from './asker.js';
import { lookUp, signInAdvice, type EntraReason, type SignInAsker } from './entra.js';
import { REQUEST_ADVICE, type RequestCode } from './request.js';
import { PAT_ADVICE, UNKNOWN_PAT_ERROR, type PatError } from './pat-errors.js';
import { SERVICE_ADVICE, type ServiceCode } from './service.js';
import { Failure, type FailureTopic } from './failure.js';

/** What happened, and to whom: all that the choice of a repair hangs on. */
export type Situation =
  /** Azure DevOps said no, or nothing that can be read. */
  | { readonly about: 'service'; readonly code: ServiceCode; readonly asker: Asker }
  /** The way there is closed, whoever asks. */
  | { readonly about: 'request'; readonly code: RequestCode }
  /** Entra gave no token. `unknown` is its AADSTS code, where that is in no list. */
  | {
      readonly about: 'entra';
      readonly code: EntraReason;
      readonly asker: SignInAsker;
      readonly unknown: number | undefined;
    }
  /** The PAT API gave a reason (`patTokenError`) to the issuing user; undefined is one that is new. */
  | { readonly about: 'pat'; readonly code: PatError | undefined }
  /** A PAT may stay alive; `page` is where its user can end it. Without an id only its name is known. */
  | { readonly about: 'left-alive'; readonly code: 'known' | 'by-name'; readonly page: string };

/** What to do about a situation, in the words of one kind of reader. */
export type Advice = (situation: Situation) => string;

/** What to do, for whoever reads the log of a pipeline. */
export function pipelineAdvice(situation: Situation): string {
  switch (situation.about) {
    case 'service':
      return SERVICE_ADVICE[situation.code][situation.asker];
    case 'request':
      return REQUEST_ADVICE[situation.code];
    case 'entra':
      return entraAdvice(signInAdvice(situation.code, situation.asker), situation.unknown);
    case 'pat':
      return situation.code === undefined ? UNKNOWN_PAT_ERROR : PAT_ADVICE[situation.code];
    case 'left-alive':
      return situation.code === 'known'
        ? `Revoke it as the issuing user at ${situation.page}, or with RevokePat@1.`
        : `Look for this name as the issuing user at ${situation.page} and revoke it there.`;
  }
}

/** A code that nobody knows is for the reader to look up; what the OAuth error alone says comes after. */
export function entraAdvice(text: string, unknown: number | undefined): string {
  return unknown === undefined ? text : `${lookUp(unknown)} ${text}`;
}

/** A failure whose repair the tables choose; another program can choose another one by its `situation`. */
export function advised(topic: FailureTopic, what: string, situation: Situation): Failure {
  return new Failure(topic, what, pipelineAdvice(situation), { situation });
}

/** A failure with its repair, in the words of one kind of reader where a table knows what to do. */
export function messageFor(failure: Failure, advice: Advice): string {
  const { what, situation, message } = failure;
  return situation === undefined ? message : `${what} ${advice(situation)}`.trim();
}

/** The same failure under another topic. */
export function underTopic(topic: FailureTopic, failure: Failure): Failure {
  const { what, repair, situation, cause } = failure;
  return new Failure(topic, what, repair, { situation, cause });
}
