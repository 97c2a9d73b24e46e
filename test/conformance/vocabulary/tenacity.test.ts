import { err, failing, itDiffers, itPlays } from './cases'

itPlays('tenacity', [
  ['wait_random', { min: 1, max: 3 }, { attempts: [1, 2, 3], random: [0, 0.5, 0.75] }, { delaysSec: [1, 2, 2.5] }],
  ['wait_random', { min: 1, max: 3 }, { attempts: [5, 9], random: [0.25, 0.5] }, { delaysSec: [1.5, 2] }],
  [
    'wait_incrementing',
    { start: 500, increment: 100, max: 650 },
    { attempts: [1, 2, 3] },
    { delaysSec: [500, 600, 650] }
  ],
  ['wait_incrementing', { start: 5, increment: -3 }, { attempts: [1, 2, 3] }, { delaysSec: [5, 2, 0] }],
  ['wait_exponential', { exp_base: 3, max: { timedeltaSec: 20 } }, { attempts: [1, 3, 4] }, { delaysSec: [1, 9, 20] }],
  ['wait_exponential', { multiplier: 0.5, min: 1 }, { attempts: [1, 2, 3] }, { delaysSec: [1, 1, 2] }],
  [
    'wait_exponential_jitter',
    { initial: 1, max: 3, jitter: 2 },
    { attempts: [1, 2], random: [0.25] },
    { delaysSec: [1.5, 2.5] }
  ],
  [
    'wait_combine / +',
    { sum: [{ fixed: 3 }, { random: [0, 2] }] },
    { attempts: [1, 2], random: [0, 0.5] },
    { delaysSec: [3, 4] }
  ],
  ['wait_chain', { chain: [1, 1, 4] }, { attempts: [1, 2, 3, 4] }, { delaysSec: [1, 1, 4, 4] }],
  [
    'wait_exception',
    { fn: 'len(msg)' },
    { outcomes: [err('ValueError', 'abc'), err('ValueError')] },
    { delaysSec: [3, 0] }
  ],
  ['stop_never', {}, { 'states(attempt,elapsed,upcomingSleep)': [[9, 9e6, 0]] }, { stop: [false] }],
  [
    'stop_after_delay',
    { max: 1 },
    {
      'states(attempt,elapsed,upcomingSleep)': [
        [2, 0.999, 5],
        [2, 1, 0]
      ]
    },
    { stop: [false, true] }
  ],
  [
    'stop_before_delay',
    { max: 1 },
    {
      'states(attempt,elapsed,upcomingSleep)': [
        [2, 0.8, 0.1],
        [2, 0.8, 0.2]
      ]
    },
    { stop: [false, true] }
  ],
  [
    'stop_all / &',
    { all: [{ delay: 1 }, { attempt: 4 }] },
    {
      'states(attempt,elapsed,upcomingSleep)': [
        [4, 0.8, 0],
        [3, 1.8, 0],
        [4, 1.8, 0]
      ]
    },
    { stop: [false, false, true] }
  ],
  ['stop_when_event_set', {}, { set: [false, true] }, { stop: [false, true] }],
  [
    'stop callable(retry_state)',
    { fn: 'attempt==elapsed' },
    {
      states: [
        [1, 3],
        [100, 99],
        [101, 101]
      ]
    },
    { stop: [false, false, true] }
  ],
  [
    'retry_if_not_exception_type',
    { types: ['OSError'] },
    { outcomes: [err('ConnectionError'), err('NameError'), { ok: 1 }] },
    { retry: [false, true, false] }
  ],
  [
    'retry_unless_exception_type',
    { types: ['NameError'] },
    { outcomes: [err('NameError'), err('OSError'), { ok: 1 }] },
    { retry: [false, true, true] }
  ],
  [
    'retry_if_not_exception_message',
    { match: 'a+' },
    { outcomes: [err('ValueError', 'aab'), err('ValueError', 'b'), { ok: 1 }] },
    { retry: [false, true, true] }
  ],
  [
    'retry_all / &',
    { all: ['x>=1', 'not x==2'] },
    { outcomes: [{ ok: 1 }, { ok: 2 }, { ok: 0 }] },
    { retry: [true, false, false] }
  ],
  [
    'retry_any / |',
    { any: ['x is None', 'OSError'] },
    { outcomes: [{ ok: null }, err('IOError')] },
    { retry: [true, true] }
  ],
  ['retry_if_exception_cause_type', { types: ['NameError'] }, { cycle: ['OSError', 'ValueError'] }, { retry: false }],
  ['retry_if_exception_cause_type', { types: ['OSError'] }, { cycle: ['OSError', 'ValueError'] }, { retry: true }],
  ['retry_always', {}, { outcomes: [{ ok: 1 }, err('KeyError')] }, { retry: [true, true] }],
  ['retry_never', {}, { outcomes: [{ ok: 1 }, err('KeyError')] }, { retry: [false, false] }],
  ['async retry_if_exception_type', { types: ['ValueError'] }, { outcomes: [err('ValueError')] }, { retry: [true] }],
  [
    'exhaustion raises RetryError',
    { stop: 2, wait: 1 },
    { calls: failing },
    {
      calls: 2,
      sleeps: [1],
      outcome: {
        err: 'RetryError',
        lastAttempt: { attemptNumber: 2, failed: true, exception: 'ValueError' },
        cause: 'ValueError'
      }
    }
  ],
  ['reraise', { stop: 2, reraise: true }, { calls: failing }, { calls: 2, outcome: { err: 'ValueError' } }],
  [
    'TryAgain obeys stop',
    { stop: 3, retry: 'never' },
    { calls: [err('TryAgain')] },
    { calls: 3, outcome: { err: 'RetryError', cause: 'TryAgain' } }
  ],
  [
    'disabled',
    { stop: 5, enabled: false },
    { calls: failing },
    { calls: 1, sleeps: [], outcome: { err: 'ValueError' } }
  ],
  ['retry_with', { stop: 5, wait: 1, override: { stop: 2 } }, { calls: failing }, { calls: 2, sleeps: [1] }],
  [
    'waits in words',
    { stop: 3, wait: 'wait_fixed(3) + wait_random(min=0, max=2)' },
    { calls: failing, random: [0, 0.5] },
    { sleeps: [3, 4] }
  ],
  [
    'statistics after retries',
    { wait: 2 },
    { calls: [err('A'), err('A'), { ok: 1 }], callDurationSec: 1 },
    { attempt_number: 3, idle_for: 4, delay_since_first_attempt: 4 }
  ],
  ['callback order: raw error', { stop: 3, retry: 'OSError' }, { calls: failing }, ['before#1', 'call#1', 'retry#1']]
])
