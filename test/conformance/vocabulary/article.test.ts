import { err, failing, itDiffers, itPlays } from './cases'

itPlays('article', [
  ['ex1: at once', { max_attempts: 3 }, { responses: [[200, 42]] }, { calls: 1, sleeps: [], outcome: { ok: 42 } }],
  [
    'ex1: any status',
    { max_attempts: 3, base_delay: 2 },
    { responses: [[404, 0], 'network error', [200, 1]], random: [0] },
    { calls: 3, sleeps: [2, 4], outcome: { ok: 1 } }
  ],
  [
    'ex3: a status that may pass',
    { max_attempts: 3 },
    {
      responses: [
        [503, 0],
        [200, 7]
      ],
      validator: 'x==7',
      random: [0.5]
    },
    { calls: 2, sleeps: [1.5] }
  ]
])
