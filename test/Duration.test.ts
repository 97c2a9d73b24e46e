import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import fc from 'fast-check'
import { Duration, Policy } from 'resilience-ts'

describe('Duration', () => {
  it('maxTimer is the longest that a platform timer holds', () => {
    expect(Duration.maxTimer).toBe(2 ** 31 - 1)
  })

  const second = 1000
  const minute = 60 * second
  const hour = 60 * minute
  const day = 24 * hour

  it.each<[number, string]>([
    [0, '0ms'],
    [0.5, '0.5ms'],
    [0.12345, '0.123ms'],
    [1, '1ms'],
    [250, '250ms'],
    [999, '999ms'],
    [999.9994, '999.999ms'],
    [999.9999, '1s'],
    [1000, '1s'],
    [1500, '1.5s'],
    [1234.5, '1.235s'],
    [59_999, '59.999s'],
    [59_999.9, '1m'],
    [minute, '1m'],
    [90 * second, '1m 30s'],
    [minute + 400, '1m 0.4s'],
    [hour - 1, '59m 59.999s'],
    [hour, '1h'],
    [hour + minute, '1h 1m'],
    [hour + 5 * second, '1h 5s'],
    [4_205_000, '1h 10m 5s'],
    [2 * hour + 59 * minute + 59 * second, '2h 59m 59s'],
    [day, '1d'],
    [1.5 * day, '1d 12h'],
    [day + 5 * minute, '1d 5m'],
    [10 * day, '10d'],
    [Duration.maxTimer, '24d 20h 31m 23.647s'],
    [400 * day, '400d'],
    [Infinity, 'forever']
  ])('shows %p as %s', (ms, text) => {
    expect(Duration.show(ms)).toBe(text)
  })

  it('shows the longest there is', () => {
    expect(Duration.show(Number.MAX_VALUE)).toMatch(/^[\d.]+e\+300d( \d+h)?( \d+m)?( [\d.]+s)?$/)
  })

  it.each<[unknown, string]>([
    [NaN, 'NaN'],
    [-Infinity, '-Infinity'],
    [-1, '-1ms'],
    [-1500, '-1500ms'],
    ['3', '"3"'],
    [null, 'null'],
    [undefined, 'undefined'],
    [{ ms: 1 }, '{"ms":1}'],
    [[1, 2], '[1,2]']
  ])('shows what is no length of time as well: %p', (value, text) => {
    expect(Duration.show(value as number)).toBe(text)
  })

  describe('parse', () => {
    it.each<[string, number]>([
      ['1h 10m 5s', 4_205_000],
      ['1h10m5s', 4_205_000],
      ['  1H\t10 M\n5 S ', 4_205_000],
      ['5s 10m 1h', 4_205_000],
      ['250ms', 250],
      ['2 minutes', 2 * minute],
      ['1 hour', hour],
      ['1 Week', 7 * day],
      ['2 days 3 hrs 4 mins 5 secs 6 millis', 2 * day + 3 * hour + 4 * minute + 5 * second + 6],
      ['1 day 1 hr 1 min 1 sec 1 millisecond', day + hour + minute + second + 1],
      ['2 weeks 2 hours 2 minute 2 seconds 2 milliseconds', 14 * day + 2 * hour + 2 * minute + 2 * second + 2],
      ['0s', 0],
      ['1.5s', 1500],
      ['.5s', 500],
      ['5.s', 5000],
      ['1.005s', 1005],
      ['0.1ms', 0.1],
      ['1e3s', 1_000_000],
      ['2.5E-1S', 250],
      ['2d', 2 * day],
      ['1w', 7 * day],
      ['1w 1d 1h 1m 1s 1ms', 8 * day + hour + minute + second + 1],
      ['1m', minute],
      ['1M', minute],
      ['1ms', 1],
      ['forever', Infinity],
      [' Forever ', Infinity]
    ])('reads %j as %d ms', (text, ms) => {
      expect(Duration.parse(text)).toEqual(E.right(ms))
    })

    const units = 'a number with one of the units w, d, h, m, s, ms'
    const something = 'a length of time, such as 1h 10m 5s, 250ms or forever'
    it.each<[string, string, number, string]>([
      ['', '', 0, something],
      [' \n', '', 0, something],
      ['-1', '-1', 0, units],
      ['1h -5m', '-5m', 3, 'a number, >= 0'],
      ['-0s', '-0s', 0, 'a number, >= 0'],
      ['1h 10m 1h', '1h', 7, 'each unit once'],
      ['1h 2H', '2H', 3, 'each unit once'],
      ['5 parsecs', '5 parsecs', 0, units],
      ['5', '5', 0, units],
      [' 250 ', '250', 1, units],
      ['0', '0', 0, units],
      ['5 minu', '5 minu', 0, units],
      ['1h 2 hours', '2 hours', 3, 'each unit once'],
      ['1h 5', '5', 3, units],
      ['1h 5 10m', '5', 3, units],
      ['5 5', '5', 0, units],
      ['  1h soon ', 'soon', 5, units],
      ['h', 'h', 0, units],
      ['NaN', 'NaN', 0, units],
      ['NaNs', 'NaNs', 0, units],
      ['Infinity', 'Infinity', 0, units],
      ['1h forever', 'forever', 3, units],
      ['1,5s', '1', 0, units],
      ['1.5.2s', '1.5', 0, units],
      ['+5s', '+5s', 0, units],
      ['0x10s', '0x', 0, units],
      ['1e400s', '1e400s', 0, 'a finite length of time, or forever'],
      ['1e308h', '1e308h', 0, 'a finite length of time, or forever'],
      ['1.7e308ms 1.7e305s', '1.7e305s', 10, 'a finite length of time, or forever'],
      ['💥', '💥', 0, units]
    ])('does not read %j: %j at %d', (text, part, position, allowed) => {
      expect(Duration.parse(text)).toEqual(E.left({ _tag: 'InvalidDuration', text, part, position, allowed }))
    })

    it.each([[undefined], [null], [5], [{}]])('answers callers without types: %p', (value) => {
      expect(Duration.parse(value as never)).toMatchObject({ _tag: 'Left', left: { allowed: 'text' } })
    })

    it('is total', () => {
      fc.assert(
        fc.property(
          fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...Array.from('0123456789 .e-+wdhms')) })),
          (text) => {
            const read = Duration.parse(text)
            if (E.isRight(read)) expect(read.right).toBeGreaterThanOrEqual(0)
            else expect(text.startsWith(read.left.part, read.left.position)).toBe(true)
          }
        )
      )
    })

    it('reads back what show says', () => {
      const ms = fc.oneof(
        fc.nat(10_000),
        fc.nat(),
        fc.maxSafeNat(),
        // below a second, to three decimals
        fc.nat(999_999).map((micros) => micros / 1000),
        fc.constant(Infinity)
      )
      fc.assert(
        fc.property(ms, (ms) => {
          expect(Duration.parse(Duration.show(ms))).toEqual(E.right(ms))
        }),
        { numRuns: 1000 }
      )
    })

    it('reads back the longest there is', () => {
      const read = Duration.parse(Duration.show(1e300))
      expect(E.isRight(read) && read.right / 1e300).toBeCloseTo(1, 12)
    })
  })

  describe('millis', () => {
    it('is what parse reads', () => {
      expect(Duration.millis('1h 10m 5s')).toBe(4_205_000)
      expect(Duration.millis('250ms')).toBe(250)
    })

    it('is found by validate where it is none', () => {
      expect(Duration.millis('-1s')).toBeNaN()
      expect(Policy.validate(pipe(Policy.id<string, number>(), Policy.timeout(Duration.millis('1s 1s'))))).toEqual([
        { path: 'timeout.ms', value: NaN, allowed: 'milliseconds, > 0, or Infinity' }
      ])
    })
  })
})
