import type { JobOptions, VariableValue } from './job-options.js';

/** What the agent tells a job of its proxy and its certificates: ordinary variables, present only if configured. */
export function networkVariables({
  proxy,
  caFile,
  clientCertificate,
  skipCertificateCheck,
}: JobOptions): Record<string, VariableValue> {
  const secret = (value: string) => ({ value, isSecret: true });
  return {
    ...(proxy !== undefined && {
      'Agent.ProxyUrl': proxy.url,
      ...(proxy.username !== undefined && { 'Agent.ProxyUsername': proxy.username }),
      ...(proxy.password !== undefined && { 'Agent.ProxyPassword': secret(proxy.password) }),
      ...(proxy.bypass !== undefined && { 'Agent.ProxyBypassList': JSON.stringify(proxy.bypass) }),
      'Agent.UseBasicAuthForProxy': proxy.basicAuthentication === true ? 'True' : 'False',
    }),
    ...(skipCertificateCheck === true && { 'Agent.SkipCertValidation': 'True' }),
    ...(caFile !== undefined && { 'Agent.CAInfo': caFile }),
    ...(clientCertificate !== undefined && {
      'Agent.ClientCert': clientCertificate.certificate,
      'Agent.ClientCertKey': clientCertificate.key,
      'Agent.ClientCertArchive': clientCertificate.archive,
      ...(clientCertificate.password !== undefined && {
        'Agent.ClientCertPassword': secret(clientCertificate.password),
      }),
    }),
  };
}
