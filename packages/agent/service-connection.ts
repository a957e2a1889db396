export interface ServiceConnection {
  readonly id: string;
  readonly url: string;
  /** How it signs in, as the agent names it: `Token`, `ServicePrincipal`, `WorkloadIdentityFederation`. */
  readonly scheme: string;
  /** A field of the connection, by its exact name: from its data, else from its authorization parameters. */
  field(name: string): string;
  /** The same letter by letter, with the blanks around it. */
  written(name: string): string;
  /** A confidential field, masked in all its forms before it is returned. */
  secret(name: string): string;
}
