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
  ['for ever', { tries: -1 }, { calls: [err('A'), err('B'), { ok: 1 }] }, { calls: 3, outcome: { ok: 1 } }],
  [
    'Context: another delay',
    { tries: [2, 3], delay: 3, backoff: 2 },
    {},
    [
      [2, [3]],
      [3, [3, 6]]
    ]
  ],
  [
    'log lines: tries that remain',
    { tries: 3 },
    { calls: [err('OSError'), { ok: 1 }] },
    [
      'INFO UUID: 2 tries remaining',
      'DEBUG Retry(OSError, Context(tries=3, delay=(0<=0<=None))): q has succesfully completed'
    ]
  ]
])

itDiffers('kaioretry', [
  [
    'the first delay is bounded too',
    'above max, and it grows',
    { delay: 20, max_delay: 10, backoff: 2 },
    { tries: 4, calls: failing },
    { calls: 4, sleeps: [20, 10, 10], elapsed: 40 },
    { calls: 4, sleeps: [10, 10, 10], elapsed: 30 }
  ],
  [
    'the first delay is bounded too',
    'below min, and it grows from there',
    { delay: 1, min_delay: 5, backoff: 2, jitter: [0, 2] },
    { tries: 4, calls: failing, random: [0, 0.5] },
    { sleeps: [1, 5, 11] },
    { sleeps: [5, 10, 21] }
  ]
])
