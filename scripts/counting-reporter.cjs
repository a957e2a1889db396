// mocha's own list, and the counts in a file so that `npm test` can add up its parts.
const { writeFileSync } = require('node:fs');
const Mocha = require('mocha');

module.exports = class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures } = this.stats;
      writeFileSync(process.env.JOB_PAT_TEST_COUNTS, JSON.stringify({ passed: passes, failed: failures }));
    });
  }
};
