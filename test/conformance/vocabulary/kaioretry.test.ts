import { err, failing, itDiffers, itPlays } from './cases'

itPlays('kaioretry', [
  ['tries 0', {}, { tries: 0, calls: failing }, { construct: 'ValueError', calls: 0 }],
  ['bounds', { min_delay: 5, max_delay: 1 }, { tries: 2, calls: failing }, 'ValueError'],
  ['a delay below 0', { delay: -1 }, { tries: 2, calls: failing }, 'ValueError'],
  ['a jitter that shrinks', { delay: 3, jitter: -1 }, { tries: 6, calls: failing }, { sleeps: [3, 2, 1, 0, 0] }],
  [
    'jitter, drawn',
    { delay: 1, jitter: [1, 3] },
    { tries: 4, calls: failing, random: [0, 0.5] },
    { sleeps: [1, 2, 4] }
  ],
  ['for ever', { tries: -1 }, { calls: [err('A'), err('B'), { ok: 1 }] }, { calls: 3, outcome: { ok: 1 } }]
])
