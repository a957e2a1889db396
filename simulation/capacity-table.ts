import { enoughFor, serve } from './capacity.js';

// Prints the tables of docs/capacity.md: how many jobs one issuing user serves.

const COSTS = [0.05, 0.2, 1];
const RATES = [10, 100, 1_000];

console.log('| A request costs | one issuing user is enough for | 100 jobs a minute take | 1,000 take |');
console.log('| --- | --- | --- | --- |');
for (const cost of COSTS) {
  const users = (rate: number) => Math.ceil(rate / enoughFor(cost));
  console.log(
    `| ${cost} TSTU | ${enoughFor(cost)} jobs a minute | ${counted(users(100))} | ${counted(users(1_000))} |`,
  );
}
console.log(
  '\n| A request costs | jobs a minute | got their PAT | of these revoked after the job | step took, median | slowest |',
);
console.log('| --- | --- | --- | --- | --- | --- |');
for (const cost of COSTS) {
  for (const jobsPerMinute of RATES) {
    const { jobs, issued, revoked, median, slowest } = await serve({ cost, jobsPerMinute });
    console.log(
      `| ${cost} TSTU | ${jobsPerMinute.toLocaleString('en')} | ${part(issued, jobs)} | ${part(revoked, issued)} | ${seconds(median)} | ${seconds(slowest)} |`,
    );
  }
}

function counted(users: number): string {
  return users === 1 ? '1 user' : `${users} users`;
}

function part(some: number, all: number): string {
  return all === 0 ? '–' : `${Math.round((100 * some) / all)} %`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
