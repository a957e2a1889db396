import type { Agent } from '#agent/agent';
import type { Http } from '#http/http';

/**
 * With System.Debug every request and its answer is a line of the log, in a form that others may read. What makes it is
 * loaded then alone.
 *
 * @returns what puts the lines around each client of this stage
 */
export function requestsInDebugLines(agent: Pick<Agent, 'variable' | 'debug'>): (http: Http) => Http {
  if (agent.variable('System.Debug')?.toLowerCase() !== 'true') return http => http;
  const loaded = import('#http/redacted-exchange').then(
    ({ debugged, ExchangeRedactor }) => {
      const redactor = new ExchangeRedactor();
      return (http: Http) => debugged(http, redactor, Date.now, agent);
    },
    // What cannot be shown is sent all the same.
    () => (http: Http) => http,
  );
  return http => {
    const send: Http = async request => (await loaded)(http)(request);
    return http.dial === undefined ? send : Object.assign(send, { dial: http.dial });
  };
}
