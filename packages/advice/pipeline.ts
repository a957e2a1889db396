import { lookUp, signInAdvice } from './sign-in.js';
import { Failure, type FailureFacts, type FailureTopic } from './failure.js';
import { PAT_ADVICE, UNKNOWN_PAT_ERROR } from './pat-errors.js';
import { REQUEST_ADVICE } from './request.js';
import { SERVICE_ADVICE } from './service.js';
import type { Situation } from './situation.js';

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
export function advised(
  topic: FailureTopic,
  what: string,
  situation: Situation,
  facts: FailureFacts = {},
): Failure {
  return new Failure(topic, what, pipelineAdvice(situation), { situation, facts });
}
