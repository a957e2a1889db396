import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { root } from '../../../scripts/paths.js';
import { asObject, asText, objectsOf, parseJson } from '#text/json';

/** IssuePat is not among them: the user chooses what it sets, and the task refuses what no PAT belongs in. */
const TASKS = ['RevokePat', 'RotatePat', 'RenewPatIssuer', 'AuditPats'];

describe('The restrictions of a task', () => {
  for (const task of TASKS) {
    it(`let ${task} set its outputs, and no other variable of the job`, () => {
      const definition = asObject(
        parseJson(readFileSync(`${root}/tasks/${task}/${task}V1/task.json`, 'utf8')),
      );
      const outputs = objectsOf(definition?.['outputVariables']).map(({ name }) => asText(name));
      const restrictions = asObject(definition?.['restrictions']);
      assert.deepEqual(asObject(restrictions?.['settableVariables']), { allowed: outputs });
    });
  }
});
