/** The form fields by which an application proves itself with a token of somebody else in place of a secret (RFC 7523). */
export function assertionFields(assertion: string): Record<string, string> {
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  };
}
