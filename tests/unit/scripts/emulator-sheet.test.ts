import assert from 'node:assert/strict';
import colors from 'picocolors';
import type { Operation, RequestRecord } from '#emulator/index';
import { requestLine } from '../../../scripts/emulator/sheet.js';

const plain = colors.createColors(false);

function lineOf(operation: Operation, organization: string): string {
  const request = {
    operation,
    organization,
    method: 'GET',
    path: '/',
    status: 200,
    duration: 12_345,
    connection: 'answered',
    time: new Date(),
  };
  return requestLine(request as RequestRecord, plain);
}

describe('A request in the log of the emulator', () => {
  const longest = ['graph.membershipState', 'serviceendpoint.create', 'variablegroups.update'] as const;
  for (const operation of longest) {
    it(`keeps ${operation} apart from an organization with a long name, within 80 columns`, () => {
      for (const organization of ['contoso', 'northwind-traders']) {
        const line = lineOf(operation, organization);
        assert.deepEqual(line.trim().split(/ +/).slice(1), ['200', operation, organization, '12345', 'ms']);
        assert.ok(line.length <= 80, line);
      }
    });
  }
});
