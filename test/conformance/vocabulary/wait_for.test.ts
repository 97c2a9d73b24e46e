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
  ['RefreshTimer', { time_for_refresh: 300 }, { t: [299, 300] }, [false, true]]
])
