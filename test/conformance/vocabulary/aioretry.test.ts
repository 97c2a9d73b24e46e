import { err, failing, itDiffers, itPlays } from './cases'

itPlays('aioretry', [
  ['abandon at once', { policy: 'abandon=true' }, { calls: failing }, { calls: 1, outcome: { err: 'ValueError' } }],
  ['two parts', { policy: 'true, 0' }, { calls: failing }, { calls: 1 }],
  ['a function', { policy: 'fails>3, min(2**fails, 5)' }, { calls: failing }, { calls: 4, sleeps: [2, 4, 5] }],
  ['a thousand', { policy: 'fails>=1000, 0' }, { calls: failing }, { calls: 1000, sleeps: [], elapsed: 0 }],
  ['not an Exception', { policy: 'false, 0' }, { calls: [err('KeyboardInterrupt')] }, { calls: 1 }]
])
