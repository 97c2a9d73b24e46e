import { itDiffers, itPlays } from './cases'

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
  ],
  ['ex2: delays without a number of attempts', { delay_function: '2**x' }, {}, [1, 2, 4, 8, 16]],
  ['ex2: delays without a number of attempts', { base_delay: 2 }, { random: [0.5] }, [2.5, 4.5]],
  ['ex2: as many delays as attempts', { max_attempts: 2, delay_function: 'x+1' }, {}, [1, 2]],
  [
    'ex2: a loop',
    { max_attempts: 4, delay_function: 'x*2' },
    {
      responses: [
        [200, 0],
        [200, 0],
        [200, 1]
      ]
    },
    { calls: 3, sleeps: [0, 2], elapsed: 2, outcome: { ok: 1 } }
  ],
  [
    'ex3: its own statuses',
    {},
    {
      responses: [
        [[404, 0]],
        [
          [408, 0],
          [200, 1]
        ]
      ]
    },
    [
      { calls: 1, err: 'ClientResponseError', status: 404 },
      { calls: 2, ok: 1 }
    ]
  ]
])

itDiffers('article', [
  [
    'no sleep after the last attempt, and the cause is kept',
    'ex1: a body that will not do',
    { max_attempts: 2, base_delay: 2 },
    { responses: ['network error', [200, 0]], random: [0] },
    { calls: 2, sleeps: [2, 4], elapsed: 6, outcome: { err: 'Exception', msg: 'Request failed after 2 attempts.' } },
    {
      calls: 2,
      sleeps: [2],
      elapsed: 2,
      outcome: { err: 'Exception', msg: 'Request failed after 2 attempts.', cause: { _tag: 'NotValid', body: 0 } }
    }
  ],
  [
    'a validator that throws is a defect',
    'ex3: after a status that may pass',
    { max_attempts: 3 },
    {
      responses: [
        [503, 0],
        [200, 1]
      ],
      validator: 'throws',
      random: [0]
    },
    { calls: 3, sleeps: [1, 2, 4], outcome: { err: 'Exception', msg: 'Request failed after 3 attempts.' } },
    { calls: 2, sleeps: [1], outcome: { err: 'Thrown', at: 'ensureWith' } }
  ],
  [
    'no sleep after the last attempt, and the cause is kept',
    'ex3: several scripts',
    { max_attempts: 2 },
    { responses: [[[500, 0]], [[200, 1]]], random: [0] },
    [
      { calls: 2, sleeps: [1, 2], outcome: { err: 'Exception' } },
      { calls: 1, sleeps: [], outcome: { ok: 1 } }
    ],
    [
      { calls: 2, sleeps: [1], outcome: { err: 'Exception', cause: { _tag: 'Status', status: 500 } } },
      { calls: 1, sleeps: [], outcome: { ok: 1 } }
    ]
  ]
])
