import { liveShare } from './lives.js';
import { type Story } from './plan.js';
const [story = 'issue', lives = '200', seed='1'] = process.argv.slice(2);
const t = Date.now(); const c = process.cpuUsage();
const end = await liveShare({ story: story as Story, seed, first: 0, step: 1, lives: Number(lives) });
for (const f of end.failed.slice(0, Number(process.argv[5] ?? 0))) { console.log('FAILED', f.number, f.violations.join('; ')); console.log(JSON.stringify(f.smallest)); console.log(f.story.join('\n')); }
console.log('failed', end.failed.map(f=>f.number+': '+f.violations.join('; ').slice(0,200)).join('\n'));
const u = process.cpuUsage(c).user/1000;
console.log((Number(lives)/(Date.now()-t)*1000).toFixed(0)+' lives/s; cpu ms per life', (u/Number(lives)).toFixed(2));
