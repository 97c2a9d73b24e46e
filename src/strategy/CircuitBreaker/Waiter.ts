/**
 * Waiting until a circuit stands as it is to.
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/Either'
import type { IO } from 'fp-ts/IO'
import { ask } from '../../Callback'
import { unattended } from '../../Cell'
import type { Millis } from '../../Duration'
import { type Context, Sleeper } from '../../Protocol'
import { type Defect, defect, type TimedOut } from '../../Rejection'
import * as Rule from '../../Rule'
import * as Admission from './Admission'
import type { Breaker } from './Breaker'
import type { Seat } from './Seats'
import { type CircuitStatus, standing, statusOf } from './Status'

/**
 * Waits until a status is as it is to be: it looks again whenever the circuit has come to stand otherwise, and as the clock goes on
 * where that changes what is seen.
 *
 * @internal
 */
export class Waiter extends Sleeper {
  private endsAt: Millis = Infinity
  private leave: (() => void) | undefined = undefined
  private ended = false
  /** How the circuit stood when it looked last. */
  private seen = ''
  /** Whether it is looking right now, and whether the circuit has changed since it began to: a predicate may steer the breaker. */
  private looking = false
  private changed = false

  constructor(
    private readonly breaker: Breaker,
    private readonly find: IO<Seat>,
    private readonly holds: (status: CircuitStatus) => boolean,
    private readonly within: Millis,
    private readonly resolve: (answer: Either<TimedOut | Defect, CircuitStatus>) => void
  ) {
    super()
  }

  readonly context: Context = unattended

  begin(): void {
    const { layer, now } = this.breaker.services
    if (!Rule.patience.holds(this.within)) {
      this.end({ _tag: 'Left', left: defect('Malformed', `${layer}.until`, this.within) })
      return
    }
    this.endsAt = now() + this.within
    this.leave = this.breaker.attend(() => {
      if (standing(this.find().state) === this.seen) return
      this.changed = true
      if (!this.looking) this.look()
    })
    this.look()
  }

  wake(): void {
    this.look()
  }

  private look(): void {
    if (this.ended) return
    const { services } = this.breaker
    services.waiting.cancel(this)
    this.looking = true
    const status = statusOf(this.breaker, this.find())
    this.seen = standing(this.find().state)
    this.changed = false
    const answer = ask(`${services.layer}.until`, this.holds, status)
    this.looking = false
    if (answer._tag === 'Defect') this.end({ _tag: 'Left', left: answer })
    else if (answer.value) this.end({ _tag: 'Right', right: status })
    else this.wait()
  }

  private wait(): void {
    const { breaker } = this
    const { waiting, now } = breaker.services
    const left = this.endsAt - now()
    if (!(left > 0)) {
      this.end({ _tag: 'Left', left: { _tag: 'TimedOut', timeout: this.within } })
      return
    }
    this.looking = true
    const seat = this.find()
    const circuit = breaker.asOfNow(seat)
    this.looking = false
    if (this.changed) {
      // by the predicate itself, and perhaps each time
      waiting.sleep(Math.min(left, 1), this)
      return
    }
    const turn = Admission.nextTurn(breaker.rules, circuit) - breaker.now()
    // one that is due already comes with the next call
    const next = turn > 0 ? turn : Infinity
    // others may change what is in a store, and do not say so
    const recheck = seat.shelf?.store.port.recheck ?? (circuit._tag === 'HalfOpen' ? Infinity : pace(next))
    const ms = Math.min(left, next, recheck)
    if (ms < Infinity) waiting.sleep(ms, this)
    else waiting.park(this)
  }

  private end(answer: Either<TimedOut | Defect, CircuitStatus>): void {
    this.ended = true
    this.leave?.()
    this.resolve(answer)
  }
}

/** How often to look at what is left of an opening, or at the share of a ramp: by hundredths of what is still to come. */
const pace = (left: Millis): Millis => Math.max(finest, left / 100)
const finest: Millis = 10
