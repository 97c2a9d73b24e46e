import { err, failing, itDiffers, itPlays } from './cases'

// the callbacks of one attempt

/** Of the last: nothing comes after the stop. */
const last = (n: number, wait: number): ReadonlyArray<string> => [
  `before#${n}`,
  `call#${n}`,
  `retry#${n}`,
  `after#${n}`,
  `wait#${n}`,
  `stop#${n}(upcoming=${wait})`
]

/** Of one after which it goes on; `idle` is what has been slept by then. */
const round = (n: number, wait: number, idle: number): ReadonlyArray<string> => [
  ...last(n, wait),
  `before_sleep#${n}(next=${wait},idle=${idle})`,
  `sleep(${wait})`
]

const without = (one: string, all: ReadonlyArray<string>): ReadonlyArray<string> => all.filter((other) => other !== one)

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
  ['callback order: raw error', { stop: 3, retry: 'OSError' }, { calls: failing }, ['before#1', 'call#1', 'retry#1']],
  [
    'callback order: two failures, then success',
    { stop: 5, wait: 1 },
    { calls: [err('A'), err('B'), { ok: 1 }] },
    [...round(1, 1, 1), ...round(2, 1, 2), 'before#3', 'call#3', 'retry#3']
  ],
  [
    'callback order: exhaustion',
    { stop: 3, wait: 0.5 },
    { calls: failing },
    [...round(1, 0.5, 0.5), ...round(2, 0.5, 1), ...last(3, 0.5), 'retry_error_callback#3']
  ],
  [
    'callback order: exhaustion, of a result',
    { stop: 1, wait: 2, retry: 'result is None' },
    { calls: [{ ok: null }] },
    [...last(1, 2), 'retry_error_callback#1']
  ],
  ['callback order: the only attempt', { stop: 1, wait: 2 }, { calls: failing }, last(1, 2)],
  [
    'callback order: the only attempt',
    { stop: 1, wait: 2, retry_error_callback: 'returns false' },
    { calls: failing },
    [...last(1, 2), 'retry_error_callback#1']
  ],
  [
    'callback order: a success never exhausts',
    { stop: 1, wait: 2, retry_error_callback: 'returns false' },
    { calls: [{ ok: 1 }] },
    ['before#1', 'call#1', 'retry#1']
  ],
  [
    'callback order: TryAgain, then success',
    { stop: 3, wait: 2, retry: 'never' },
    { calls: [err('TryAgain'), { ok: 1 }] },
    [...without('retry#1', round(1, 2, 2)), 'before#2', 'call#2', 'retry#2']
  ],
  [
    'callback order: TryAgain, and a callback',
    { stop: 1, wait: 2, retry_error_callback: 'returns false' },
    { calls: [err('TryAgain')] },
    [...without('retry#1', last(1, 2)), 'retry_error_callback#1']
  ],
  [
    'callback order: no wait, and a stop after a time',
    { stop: { after_delay: 3 }, wait: 'wait_incrementing(start=1, increment=2)' },
    { calls: failing, callDurationSec: 1 },
    [...round(1, 1, 1), ...last(2, 3)]
  ],
  ['a None that is the last is had', {}, { calls: [{ ok: null }] }, { calls: 1, outcome: { ok: null } }],
  ['a None that others come after is not', {}, { calls: [{ ok: null }, err('A'), { ok: 1 }] }, { calls: 3, ok: 1 }],
  ['any other result is had', {}, { calls: [{ ok: 1 }, { ok: 2 }] }, { calls: 1, ok: 1 }],
  [
    'sync function + async sleep, of another result',
    { wait: 3, retry: 'x==0' },
    { calls: [{ ok: 0 }, { ok: null }] },
    { result: null, calls: 2, sleeps: [3] }
  ],
  [
    'after_log and the others, until it is exhausted',
    { name: 'g', wait: 1, stop: 2, sec_format: '%.2f' },
    { calls: [err('A', 'a')], callDurationSec: 0.5 },
    [
      "Starting call to 'g', this is the 1st time calling it.",
      "Finished call to 'g' after 0.50(s), this was the 1st time calling it.",
      'Retrying g in 1.00 seconds as it raised A: a.',
      "Starting call to 'g', this is the 2nd time calling it.",
      "Finished call to 'g' after 2.00(s), this was the 2nd time calling it."
    ]
  ],
  ['before_log', {}, { calls: [{ ok: null }] }, ["Starting call to 'f', this is the 1st time calling it."]],
  ['sleep_using_event: it is set', {}, { sleepSec: 7, setAtSec: 3 }, [3]],
  [
    'iterator, of a result',
    { stop: 3, retry: 'result is None' },
    { calls: [{ ok: null }, { ok: 4 }] },
    { predicateSaw: [null, 4], calls: 2, outcome: { ok: 4 } }
  ],
  ['wait_chain', { chain: [] }, {}, 'ValueError'],
  [
    'wait_exception of errors, in a loop',
    { stop: 3, wait: 'wait_exception' },
    { calls: [err('RuntimeError')] },
    { calls: 3, outcome: { err: 'RetryError' } }
  ]
])

itDiffers('tenacity', [
  [
    'no cap unless you say one',
    'wait_exponential',
    { multiplier: 3, exp_base: 10 },
    { attempts: [1, 30] },
    { delaysSec: [3, 2 ** 62] },
    { delaysSec: [3, 3e29] }
  ],
  [
    'a wait of the exception',
    'wait_exception, of results',
    { stop: 3, wait: 'wait_exception', retry: 'always' },
    { calls: [{ ok: 1 }, { ok: 2 }] },
    { calls: 1, sleeps: [], outcome: { err: 'RuntimeError' } },
    {
      calls: 3,
      sleeps: [0, 0],
      outcome: { err: 'RetryError', lastAttempt: { attemptNumber: 3, failed: false, value: 2 }, cause: null }
    }
  ],
  [
    'a circle of causes has an end',
    'retry_if_exception_cause_type',
    { types: ['NameError'] },
    { cycle: ['OSError', 'ValueError', 'KeyError'] },
    { retry: 'never ends' },
    { retry: false }
  ],
  [
    'the state is data',
    'RetryCallState repr',
    {},
    { attempt: 3, result: 7 },
    '<RetryCallState 1: attempt #3; slept for 0.0; last result: returned 7>',
    { attempt: 3, waited: 0, outcome: { _tag: 'Right', right: 7 } }
  ]
])
