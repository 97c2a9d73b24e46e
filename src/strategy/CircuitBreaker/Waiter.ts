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
import { type CircuitStatus, statusOf } from './Status'

/**
 * Waits until a status is as it is to be: it looks again after each change, and when the clock may have brought one about.
 *
 * @internal
 */
export class Waiter extends Sleeper {
  private readonly endsAt: Millis
  private unwatch: (() => void) | undefined = undefined
  private ended = false
  /** Whether it is looking right now, and whether the state has changed since it began to: a predicate may steer the breaker. */
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
    this.endsAt = breaker.services.now() + within
  }

  readonly context: Context = unattended

  begin(): void {
    if (!Rule.patience.holds(this.within)) {
      const { layer } = this.breaker.services
      this.end({ _tag: 'Left', left: defect('Malformed', `${layer}.until`, this.within) })
      return
    }
    this.unwatch = this.breaker.watch(() => {
      this.look()
    })
    this.look()
  }

  wake(): void {
    this.look()
  }

  private look(): void {
    this.changed = true
    if (this.looking || this.ended) return
    const { services } = this.breaker
    services.waiting.cancel(this)
    this.looking = true
    const status = statusOf(this.breaker, this.find())
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
    const turn = Admission.nextTurn(breaker.rules, breaker.asOfNow(seat)) - breaker.now()
    this.looking = false
    if (this.changed) {
      // by the predicate itself, and perhaps each time
      waiting.sleep(Math.min(left, 1), this)
      return
    }
    // others may change what is in a store, and do not say so
    const recheck = seat.shelf?.store.port.recheck ?? Infinity
    // one that is due already comes with the next call
    const ms = Math.min(left, recheck, turn > 0 ? turn : Infinity)
    if (ms < Infinity) waiting.sleep(ms, this)
    else waiting.park(this)
  }

  private end(answer: Either<TimedOut | Defect, CircuitStatus>): void {
    this.ended = true
    this.unwatch?.()
    this.resolve(answer)
  }
}
