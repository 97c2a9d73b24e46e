import { errorOf } from './exceptions'
import { expression, same } from './expression'
import * as aioretry from './aioretry'
import * as article from './article'
import * as kaioretry from './kaioretry'
import * as poll from './poll'
import * as tenacity from './tenacity'
import { type Adapter, type Fields, type Json, rounded, spokenOf, type System } from './vector'
import * as waitFor from './wait_for'

// the adapters read a vocabulary, not the values that happen to occur: more of it, with results worked out by hand

const err = (err: string, msg?: string): Fields => ({ err, ...(msg === undefined ? {} : { msg }) })
const failing: Json = [err('ValueError')]

type Case = readonly [feature: string, params: Fields, input: Fields, expected: Json]

const run = (system: System, adapter: Adapter, cases: ReadonlyArray<Case>): void => {
  describe(system, () => {
    it.each(cases)('%s %j %j', async (feature, params, input, expected) => {
      const { ours } = await adapter({ id: 'none', system, feature, params, input, expected, parity: 'match' })
      expect(rounded(spokenOf(expected, ours))).toEqual(rounded(expected))
    })
  })
}

run('tenacity', tenacity.conform, [
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

run('wait_for', waitFor.conform, [
  ['defaults', {}, { calls: [{ ok: false }, { ok: true }] }, { calls: 2, ok: { out: true, duration: 1 } }],
  [
    'expo',
    { expo: true, delay: 1 },
    { calls: [{ ok: false }, { ok: false }, { ok: 1 }] },
    { sleeps: [1, 2], elapsed: 3 }
  ],
  ['set', { fail_condition: { set: [0, null] } }, { calls: [{ ok: 0 }, { ok: null }, { ok: 2 }] }, { calls: 3 }],
  ['set in words', { fail_condition: '{0, None}' }, { calls: [{ ok: null }, { ok: 0 }, { ok: 2 }] }, { calls: 3 }],
  ['None', { fail_condition: null }, { calls: [{ ok: null }, { ok: false }] }, { calls: 2, ok: { out: false } }],
  ['lambda', { fail_condition: 'lambda v: v < 3' }, { calls: [{ ok: 2 }, { ok: 3 }] }, { calls: 2 }],
  ['no handling', {}, { calls: [err('Custom')] }, { calls: 1, err: 'Custom' }],
  [
    'handled by type',
    { handle_exception: ['OSError'] },
    { calls: [err('IOError'), err('KeyError')] },
    { calls: 2, err: 'KeyError' }
  ],
  [
    'raise_original',
    { handle_exception: true, raise_original: true, num_sec: 1 },
    { calls: [err('Custom')] },
    { err: 'Custom', calls: 2 }
  ],
  [
    'a text as timeout',
    { timeout: '1m 30s', delay: 30 },
    { calls: [{ ok: false }] },
    { calls: 4, err: 'TimedOutError' }
  ],
  ['fail_func', { fail_func: true }, { calls: [{ ok: false }, { ok: 1 }] }, ['call', 'sleep(1)', 'fail_func', 'call']],
  ['inclusive', { num_sec: 10, delay: 1 }, { calls: [{ ok: false }] }, { calls: 11, elapsed: 10 }],
  ['inclusive', { num_sec: 120, delay: 10 }, { calls: [{ ok: false }] }, { calls: 13, elapsed: 120 }],
  ['RefreshTimer', { time_for_refresh: 300 }, { t: [299, 300] }, [false, true]]
])

run('aioretry', aioretry.conform, [
  ['abandon at once', { policy: 'abandon=true' }, { calls: failing }, { calls: 1, outcome: { err: 'ValueError' } }],
  ['two parts', { policy: 'true, 0' }, { calls: failing }, { calls: 1 }],
  ['a function', { policy: 'fails>3, min(2**fails, 5)' }, { calls: failing }, { calls: 4, sleeps: [2, 4, 5] }],
  ['a thousand', { policy: 'fails>=1000, 0' }, { calls: failing }, { calls: 1000, sleeps: [], elapsed: 0 }],
  ['not an Exception', { policy: 'false, 0' }, { calls: [err('KeyboardInterrupt')] }, { calls: 1 }]
])

run('kaioretry', kaioretry.conform, [
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

run('poll', poll.conform, [
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

run('article', article.conform, [
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

describe('the language', () => {
  it.each<[string, Fields, unknown]>([
    ['(fails-1)%3*0.1', { fails: 3 }, 0.2],
    ['-7 % 3', {}, 2],
    ['2 ** 3 ** 1 + 1', {}, 9],
    ['1 < 2 and not 2 < 1 or False', {}, true],
    ['x is not None', { x: 0 }, true],
    ['msg contains "a b"', { msg: 'xa by' }, true],
    ['x in [1, 2]', { x: 2 }, true],
    ['len("abc") == max(1, 3)', {}, true]
  ])('%s', (source, names, value) => {
    expect(Number(expression(source)(names))).toBeCloseTo(Number(value))
  })

  it('has the equality of Python, and its chains of causes', () => {
    expect([same(0, false), same(1, true), same(0, null), same([1], [1])]).toEqual([true, true, false, true])
    expect(errorOf({ err: 'A', cause: { err: 'B', msg: 'b' } }).cause?.message).toBe('b')
    expect(() => expression('1 +* 2')).toThrow()
  })
})
