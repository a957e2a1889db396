/**
 * Whose credential a request carried. What to do about a refusal depends on it: the job's own token that is not
 * accepted is no fault of the issuing user.
 * - `issuing-user`: the Entra token of the user in whose name PATs are issued
 * - `job`: the token of the job (System.AccessToken), which is the build service
 * - `administrator`: a token of a Project Collection Administrator
 * - `azure-application`: the application behind an Azure connection
 * - `pat`: a PAT, such as the one that has just been made
 */
export const askers = ['issuing-user', 'job', 'administrator', 'azure-application', 'pat'] as const;

export type Asker = (typeof askers)[number];
