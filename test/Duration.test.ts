import { Duration } from 'resilience-ts'

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
    [minute + 400, '1m'],
    [hour - 1, '1h'],
    [hour, '1h'],
    [hour + minute, '1h 1m'],
    [hour + 5 * second, '1h'],
    [2 * hour + 59 * minute + 59 * second, '2h 59m'],
    [day, '1d'],
    [1.5 * day, '1d 12h'],
    [day + 5 * minute, '1d'],
    [10 * day, '10d'],
    [Duration.maxTimer, '24d 20h'],
    [400 * day, '400d'],
    [Infinity, 'forever']
  ])('shows %p as %s', (ms, text) => {
    expect(Duration.show(ms)).toBe(text)
  })

  it('shows the longest there is', () => {
    expect(Duration.show(Number.MAX_VALUE)).toMatch(/^[\d.]+e\+300d( \d+h)?$/)
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
})
