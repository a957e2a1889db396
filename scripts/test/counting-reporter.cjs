// mocha's own list, and in a file the counts, and why what did not run did not: `npm test` adds up its parts.
const { writeFileSync } = require('node:fs');
const Mocha = require('mocha');

const { EVENT_TEST_PENDING, EVENT_RUN_END } = Mocha.Runner.constants;

module.exports = class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const skipped = [];
    runner.on(EVENT_TEST_PENDING, test => skipped.push(reasonOf(test)));
    runner.once(EVENT_RUN_END, () => {
      const { passes, failures } = this.stats;
      writeFileSync(
        process.env.JOB_PAT_TEST_COUNTS,
        JSON.stringify({ passed: passes, failed: failures, skipped }),
      );
    });
  }
};

/** The reason lies on the test, or on the suite whose hook gave it (tests/not-here.ts). */
function reasonOf(test) {
  for (let place = test; place; place = place.parent) if (place.whyNot) return place.whyNot;
  return `no reason is given by "${test.fullTitle()}"`;
}
