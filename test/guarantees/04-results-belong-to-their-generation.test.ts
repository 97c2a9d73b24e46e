import { Policy, Schedule } from 'resilience-ts'
import { fails, rejects, succeeds } from 'resilience-ts/testing'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { idle, nothingLeft, play } from '../play'

// breakers, probes and leases come with the circuit breaker; here is what holds of attempts

const id = Policy.id<unknown, unknown>()
const timedOut = { _tag: 'TimedOut', timeout: 100 }

describe('guarantee 4: results belong to their generation', () => {
  const policy = pipe(id, Policy.timeout(100), Policy.retry(pipe(Schedule.constant(10), Schedule.take(2))))

  it('the late success of one attempt does not answer for the next', async () => {
    const played = await play(policy, [succeeds('late', 150), succeeds('in time', 90)])
    expect(played.answer).toEqual(E.right('in time'))
    expect(played).toMatchObject({ calls: [0, 110], answeredAt: 200, leaks: nothingLeft, status: idle })
  })

  it('the late failure of one attempt does not end the next', async () => {
    const played = await play(policy, [fails('late', 150), succeeds('in time', 90)])
    expect(played).toMatchObject({ answer: E.right('in time'), calls: [0, 110], answeredAt: 200 })
  })

  it('the late bug of one attempt does not end the next', async () => {
    const played = await play(policy, [rejects('late', 150), succeeds('in time', 90)])
    expect(played).toMatchObject({ answer: E.right('in time'), calls: [0, 110], answeredAt: 200, leaks: nothingLeft })
  })

  it('a late result during the wait before the next attempt neither shortens nor ends it', async () => {
    const played = await play(policy, [succeeds('late', 105), succeeds('in time', 90)])
    expect(played).toMatchObject({ answer: E.right('in time'), calls: [0, 110], answeredAt: 200 })
  })

  it('late results after the answer move nothing', async () => {
    const played = await play(policy, [succeeds('late', 1000)])
    expect(played).toMatchObject({ answer: E.left(timedOut), calls: [0, 110, 220], answeredAt: 320, hanging: 1 })
    expect(played).toMatchObject({ leaks: nothingLeft, status: idle })
    expect(played.log.filter(({ _tag }) => _tag === 'RunEnded')).toHaveLength(1)
    expect(played.log.filter(({ _tag }) => _tag === 'LateResult')).toHaveLength(3)
  })
})
