import { pipe } from 'fp-ts/function'
import { Schedule } from 'resilience-ts'
import { delays, reason, tick } from './ticks'

const ten = Schedule.constant(10)
const boom = new Error('boom')
const throws = (): never => {
  throw boom
}

describe('modify', () => {
  interface Busy {
    readonly retryAfter: number
  }
  const obeying = pipe(
    Schedule.exponential(100),
    Schedule.modify((delay, { retryAfter }: Busy) => Math.max(delay, retryAfter))
  )

  it('makes the delay of the delay and the input', () => {
    expect(delays(3, obeying, { inputs: [{ retryAfter: 150 }] })).toEqual([150, 200, 400])
  })

  it('leaves what is remembered as it is', () => {
    expect(
      delays(
        3,
        pipe(
          Schedule.decorrelated(100, 1000),
          Schedule.modify(() => 1)
        ),
        { random: () => 0.5 }
      )
    ).toEqual([1, 1, 1])
    const { inner } = obeying
    const answer = Schedule.step(obeying, 3, tick(), { retryAfter: 5000 })
    expect(answer).toEqual({ _tag: 'Continue', delay: 5000, state: 4 })
    expect(inner).toHaveLength(1)
  })

  it('clamps a hint to [t, t + 5 s], t being the backoff', () => {
    const clamped = pipe(
      Schedule.constant(1000),
      Schedule.modify((t, { retryAfter }: Busy) => Math.min(Math.max(retryAfter, t), t + 5000))
    )
    const inputs = [0, 1000, 3000, 6000, 9000].map((retryAfter) => ({ retryAfter }))
    expect(delays(5, clamped, { inputs })).toEqual([1000, 1000, 3000, 6000, 6000])
  })

  it('shows the function the tick', () => {
    const seen: Array<unknown> = []
    const schedule = pipe(
      ten,
      Schedule.modify((delay: number, input: unknown, { elapsed, attempt }) => {
        seen.push([delay, input, elapsed, attempt])
        return delay
      })
    )
    delays(2, schedule, { inputs: ['a', 'b'], durations: [5] })
    expect(seen).toEqual([
      [10, 'a', 5, 1],
      [10, 'b', 20, 2]
    ])
  })

  it('counts an answer below 0 as 0', () => {
    expect(
      delays(
        1,
        pipe(
          ten,
          Schedule.modify(() => -0.5)
        )
      )
    ).toEqual([0])
    expect(
      delays(
        1,
        pipe(
          ten,
          Schedule.modify(() => -0)
        )
      )
    ).toEqual([0])
  })

  it.each([NaN, Infinity, -Infinity, '3', null, undefined, {}, 3n])('answers %p with a fault', (value) => {
    expect(
      reason(
        pipe(
          ten,
          Schedule.modify(() => value as number)
        )
      )
    ).toEqual({
      _tag: 'Fault',
      at: 'modify',
      cause: { _tag: 'NotADelay', value, allowed: 'finite milliseconds; below 0 counts as 0' }
    })
  })

  it('answers a throw with a fault, whatever is thrown', () => {
    expect(reason(pipe(ten, Schedule.modify(throws)))).toEqual({ _tag: 'Fault', at: 'modify', cause: boom })
    const throwsNull = (): number => {
      throw null
    }
    expect(reason(pipe(ten, Schedule.modify(throwsNull)))).toEqual({ _tag: 'Fault', at: 'modify', cause: null })
  })

  it('is not asked where there is no delay', () => {
    expect(reason(pipe(Schedule.stop, Schedule.modify(throws)))).toEqual({ _tag: 'Never' })
  })
})

describe('while and until', () => {
  const inputs = [503, 502, 404, 503]

  it('while goes on as long as the input says yes', () => {
    const schedule = pipe(
      Schedule.linear(10, 10),
      Schedule.while((status: number) => status >= 500)
    )
    expect(delays(9, schedule, { inputs })).toEqual([10, 20])
    expect(reason(schedule, { inputs })).toEqual({ _tag: 'Input' })
  })

  it('until goes on as long as the input says no', () => {
    const schedule = pipe(
      Schedule.linear(10, 10),
      Schedule.until((status: number) => status === 404)
    )
    expect(delays(9, schedule, { inputs })).toEqual([10, 20])
    expect(reason(schedule, { inputs })).toEqual({ _tag: 'Input' })
  })

  it('take any truth for yes, as callers without types may answer', () => {
    expect(delays(2, pipe(ten, Schedule.while((() => 'yes') as never)))).toEqual([10, 10])
    expect(delays(2, pipe(ten, Schedule.while((() => 0) as never)))).toEqual([])
    expect(delays(2, pipe(ten, Schedule.until((() => 'yes') as never)))).toEqual([])
    expect(delays(2, pipe(ten, Schedule.until((() => undefined) as never)))).toEqual([10, 10])
  })

  it('step nothing beneath once the input has said no', () => {
    let steps = 0
    const counted = pipe(
      ten,
      Schedule.modify((delay: number) => {
        steps++
        return delay
      })
    )
    delays(
      9,
      pipe(
        counted,
        Schedule.while((n: number) => n < 3)
      ),
      { inputs: [1, 2, 3] }
    )
    expect(steps).toBe(2)
  })

  it('leave a stop from beneath as it is', () => {
    expect(
      reason(
        pipe(
          Schedule.stop,
          Schedule.while(() => true)
        )
      )
    ).toEqual({ _tag: 'Never' })
    expect(
      reason(
        pipe(
          Schedule.stop,
          Schedule.until(() => false)
        )
      )
    ).toEqual({ _tag: 'Never' })
  })

  it('answer a throw with a fault', () => {
    expect(reason(pipe(ten, Schedule.while(throws)))).toEqual({ _tag: 'Fault', at: 'while', cause: boom })
    expect(reason(pipe(ten, Schedule.until(throws)))).toEqual({ _tag: 'Fault', at: 'until', cause: boom })
  })
})

describe('contramap', () => {
  const onStatus = pipe(
    ten,
    Schedule.while((status: number) => status >= 500)
  )

  it('feeds what the function makes of the input', () => {
    const onResponse = pipe(
      onStatus,
      Schedule.contramap((response: { readonly status: number }) => response.status)
    )
    expect(delays(9, onResponse, { inputs: [{ status: 500 }, { status: 404 }] })).toEqual([10])
  })

  it('answers a throw with a fault', () => {
    expect(reason(pipe(onStatus, Schedule.contramap(throws)))).toEqual({ _tag: 'Fault', at: 'contramap', cause: boom })
  })
})
