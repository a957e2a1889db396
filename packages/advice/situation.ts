import type { Asker } from './asker.js';
import type { EntraReason, SignInAsker } from './entra.js';
import type { PatError } from './pat-errors.js';
import type { RequestCode } from './request.js';
import type { ServiceCode } from './service.js';

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
