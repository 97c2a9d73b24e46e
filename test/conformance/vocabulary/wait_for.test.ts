import { err, failing, itDiffers, itPlays } from './cases'

itPlays('wait_for', [
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
  ['RefreshTimer', { time_for_refresh: 300 }, { t: [299, 300] }, [false, true]],
  ['a negative timeout', { timeout: -5 }, { calls: failing }, { calls: 0, sleeps: [], err: 'Invalid' }],
  [
    'a time-out is no matter of a result',
    { delay: 2 },
    { calls: [{ ok: false }, { ok: 1 }], callDurationSec: 3 },
    {
      calls: 2,
      elapsed: 8,
      outcome: { ok: { out: 1, duration: 8 } }
    }
  ],
  [
    'logs: all of it',
    { log_on_loop: true },
    { calls: [{ ok: 1 }], callDurationSec: 0.25 },
    ["DEBUG: Started 'call'", "INFO: 'call' -- try 1", "DEBUG: Took 0.25 to do 'call'", "DEBUG: Finished 'call'"]
  ],
  ['fail_func', { fail_func: true }, { calls: [{ ok: false }, { ok: 1 }] }, { calls: 2, failFuncCalls: 1 }]
])

itDiffers('wait_for', [
  [
    'no sleep after the last call',
    'the time is up',
    { delay: 5, timeout: 12 },
    { calls: [{ ok: false }] },
    { calls: 3, sleeps: [5, 5, 5], elapsed: 15, outcome: { err: 'TimedOutError' } },
    { calls: 3, sleeps: [5, 5], elapsed: 10, outcome: { err: 'TimedOutError' } }
  ],
  [
    'no sleep after the last call',
    'the time is up, with expo',
    { expo: true, num_sec: 3 },
    { calls: [{ ok: false }] },
    { calls: 3, elapsed: 7 },
    { calls: 3, elapsed: 3 }
  ],
  [
    'no sleep after the last call',
    'the time is up, and calls take some',
    { num_sec: 2 },
    { calls: [{ ok: false }], callDurationSec: 0.5 },
    { calls: 2, elapsed: 3 },
    { calls: 2, elapsed: 2 }
  ],
  [
    'no sleep after the last call',
    'silent_failure',
    { silent_failure: true, num_sec: 1 },
    { calls: [{ ok: false }] },
    { calls: 2, elapsed: 2, outcome: { ok: { out: false, duration: 2 } } },
    { calls: 2, elapsed: 1, outcome: { ok: { out: false, duration: 1 } } }
  ],
  [
    'no sleep after the last call',
    'fail_func',
    { fail_func: true, num_sec: 1 },
    { calls: [{ ok: false }] },
    ['call', 'sleep(1)', 'fail_func', 'call', 'sleep(1)', 'fail_func'],
    ['call', 'sleep(1)', 'fail_func', 'call']
  ],
  [
    'no result is made up',
    'silent_failure',
    { silent_failure: true, handle_exception: ['OSError'], fail_condition: 0, num_sec: 3 },
    { calls: [err('IOError')] },
    { calls: 4, elapsed: 4, outcome: { ok: { out: 0, duration: 4 } } },
    { outcome: { ok: { out: null } } }
  ],
  [
    'a negative timeout is impossible',
    'negative',
    { timeout: -5 },
    { calls: failing },
    { calls: 0, outcome: { err: 'TimedOutError' } },
    { calls: 0, outcome: { err: 'Invalid' } }
  ],
  [
    'a predicate, not a truth value',
    'truthiness',
    {},
    { handle_exception: [2, '', 'x'] },
    ['TimedOutError', 'Custom', 'TimedOutError'],
    ['Invalid', 'Invalid', 'Invalid']
  ]
])
