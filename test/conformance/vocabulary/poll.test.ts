import { err, failing, itDiffers, itPlays } from './cases'

itPlays('poll', [
  [
    'poll',
    { until: 'x==3' },
    { calls: [{ ok: 1 }, { ok: 2 }, { ok: 3 }] },
    { calls: 3, elapsed: 2, outcome: { ok: 3 } }
  ],
  [
    'poll: defaults',
    { until: 'x==3' },
    { calls: [{ ok: 1 }] },
    { calls: 16, elapsed: 15, outcome: { err: 'TimeoutError' } }
  ],
  ['poll: timeout', { until: 'x==3', timeout: 2, interval: 1 }, { calls: [{ ok: 1 }] }, { calls: 3 }],
  [
    'poll: exceptions bubble',
    { until: 'x==3' },
    { calls: [err('KeyError')] },
    { calls: 1, outcome: { err: 'KeyError' } }
  ],
  [
    'retry: several',
    { ex: ['KeyError', 'OSError'], times: 4 },
    { calls: [err('IOError'), err('KeyError'), err('A')] },
    { calls: 3, outcome: { err: 'A' } }
  ],
  [
    'circuitbreaker: a failed probe opens it again',
    { threshold: 1, reset_timeout: 2 },
    {
      'steps(t,action)': [
        [0, 'fail'],
        [2, 'fail'],
        [3, 'ok'],
        [4, 'ok'],
        [4, 'ok']
      ]
    },
    { results: ['ValueError', 'ValueError', ['CircuitBroken', 1], 'ok', 'ok'], calls: 4 }
  ],
  [
    'circuitbreaker: success while closed clears nothing',
    { threshold: 2, reset_timeout: 10 },
    {
      'steps(t,action)': [
        [0, 'fail'],
        [1, 'ok'],
        [2, 'fail'],
        [3, 'ok']
      ]
    },
    { results: ['ValueError', 'ok', 'ValueError', ['CircuitBroken', 9]] }
  ]
])
