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
  ],
  ['retry: at the most', { ex: 'KeyError', times: [2, 4] }, { calls: [err('KeyError')] }, [2, 4]],
  [
    'on_error, of one script',
    { times: 2 },
    { calls: failing },
    [
      ['ValueError', 0],
      ['ValueError', 1]
    ]
  ],
  ['on_error, of a success', { times: 2 }, { calls: [err('ValueError'), { ok: 1 }] }, [['ValueError', 0]]],
  [
    'poll: in time, with calls that take some',
    { until: 'x==2', interval: 3 },
    { calls: [{ ok: 1 }, { ok: 2 }], callDurationSec: 0.5 },
    { calls: 2, sleeps: [3], elapsed: 4, ok: 2 }
  ]
])

itDiffers('poll', [
  [
    'no sleep after the last call',
    'exec_',
    { ex: 'ValueError', until: 'x==9', times: 2, interval: 1.5 },
    { calls: failing },
    { calls: 2, sleeps: [1.5, 1.5], elapsed: 3, outcome: { err: 'TimeoutError' } },
    { calls: 2, sleeps: [1.5], elapsed: 1.5, outcome: { err: 'TimeoutError' } }
  ],
  [
    'an until that throws is a defect',
    'poll',
    { until: 'throws TypeError' },
    { scripts: [[{ ok: 1 }], [err('KeyError')]] },
    [
      { calls: 1, outcome: { err: 'TypeError' } },
      { calls: 1, outcome: { err: 'KeyError' } }
    ],
    [
      { calls: 1, outcome: { defect: 'Thrown', at: 'poll.until', cause: 'TypeError' } },
      { calls: 1, outcome: { err: 'KeyError' } }
    ]
  ],
  [
    'a late result moves nothing',
    'circuitbreaker: late',
    { threshold: 1, reset_timeout: 9 },
    { steps: 'call A starts; B fails -> open; A succeeds; C' },
    { whileInFlight: 'open', afterLateSuccess: 'ok' },
    { whileInFlight: 'open', afterLateSuccess: 'open' }
  ],
  [
    'an open circuit is a value',
    'circuitbreaker: message',
    { threshold: 2, reset_timeout: 3 },
    { t: 0.25 },
    'The circuit for g was broken. Try again in 2.75',
    { _tag: 'CircuitOpen', reason: 'open', retryAfter: 2750 }
  ]
])
