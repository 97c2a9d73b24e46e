import { err, failing, itDiffers, itPlays } from './cases'

itPlays('aioretry', [
  ['abandon at once', { policy: 'abandon=true' }, { calls: failing }, { calls: 1, outcome: { err: 'ValueError' } }],
  ['two parts', { policy: 'true, 0' }, { calls: failing }, { calls: 1 }],
  ['a function', { policy: 'fails>3, min(2**fails, 5)' }, { calls: failing }, { calls: 4, sleeps: [2, 4, 5] }],
  ['a thousand', { policy: 'fails>=1000, 0' }, { calls: failing }, { calls: 1000, sleeps: [], elapsed: 0 }],
  ['not an Exception', { policy: 'false, 0' }, { calls: [err('KeyboardInterrupt')] }, { calls: 1 }],
  [
    'an order, with two retries',
    { policy: 'fails>2, 0' },
    { calls: [err('A'), err('B'), { ok: 1 }] },
    ['call#1', 'policy#1', 'before_retry#1', 'call#2', 'policy#2', 'before_retry#2', 'call#3']
  ],
  [
    'scripts',
    { policy: 'fails>1, 2' },
    { scripts: [[{ ok: 1 }], failing] },
    [
      { calls: 1, outcome: { ok: 1 } },
      { calls: 2, sleeps: [2], elapsed: 2, outcome: { err: 'ValueError' } }
    ]
  ],
  [
    'nobody is asked of a success',
    { policy: 'throws TypeError' },
    { calls: [{ ok: 1 }] },
    { calls: 1, outcome: { ok: 1 } }
  ]
])

itDiffers('aioretry', [
  [
    'a policy that throws is a defect',
    'a hook that throws',
    { policy: 'false, 1', before_retry: 'throws KeyError' },
    { calls: failing },
    { calls: 1, outcome: { err: 'KeyError' } },
    { calls: 1, outcome: { defect: 'Rejected', cause: 'KeyError', during: 'ValueError' } }
  ]
])
