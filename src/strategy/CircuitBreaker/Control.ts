/**
 * What shows and steers a circuit breaker while it runs.
 *
 * @since 0.1.0
 */
import type { Either } from 'fp-ts/Either'
import type { IO } from 'fp-ts/IO'
import type { IOEither } from 'fp-ts/IOEither'
import type { TaskEither } from 'fp-ts/TaskEither'
import { type Changed, storeFailed, unattended } from '../../Cell'
import type { Millis } from '../../Duration'
import type { Problem } from '../../Problem'
import type { Defect, TimedOut } from '../../Rejection'
import * as Rule from '../../Rule'
import type { Breaker, CircuitChange } from './Breaker'
import * as ByHand from './ByHand'
import { type Circuit, type Move, unmoved } from './Circuit'
import type { Seat } from './Seats'
import * as Snapshot from './Snapshot'
import { type CircuitStatus, statusOf } from './Status'
import { Waiter } from './Waiter'

/**
 * Shows and steers one circuit.
 *
 * What is done by hand takes effect at once; in a store that answers later, once that has answered. Where that does not answer in
 * time, it is done to what is here, and a `StoreFailed` of no run (its `run` is 0) says why.
 *
 * @category model
 * @since 0.1.0
 */
export interface CircuitControl {
  readonly status: IO<CircuitStatus>
  /**
   * Waits until a status is as it is to be, for `within` milliseconds at the most (≥ 0, or `Infinity`). Asks again whenever
   * anything in the status changes, by itself or by hand; what the clock changes bit by bit (`retryAfter`, and the `share` of a
   * ramp) it looks at by hundredths of what is left, or 10 ms. A predicate that throws is a `Defect`.
   */
  readonly until: (
    holds: (status: CircuitStatus) => boolean,
    within: Millis
  ) => TaskEither<TimedOut | Defect, CircuitStatus>
  /**
   * Takes hold of the circuit: it lets nobody in until all who hold it have let go, which each does by what it is given; then it
   * is closed. To let go twice does nothing.
   */
  readonly isolate: IO<IO<void>>
  /** Opens it for `ms` milliseconds (finite, > 0), after which it lets probes in; also where it was isolated or disabled. */
  readonly forceOpen: (ms: Millis) => IOEither<Problem, void>
  /** Lets everybody in, and counts nothing, until it is reset. */
  readonly disable: IO<void>
  /** Closes it, as if nothing had been seen, whoever holds it. */
  readonly reset: IO<void>
  /** What it remembers, as data that outlives the process; see `CircuitSnapshot` in `resilience-ts/codec` for its codec. */
  readonly snapshot: IO<Snapshot.CircuitSnapshot>
  /**
   * Makes it remember, in a new generation: who was let in before moves nothing any more. An open circuit stays open for as long
   * as it was to be, by the wall clock; one that was half-open lets probes in afresh; one that was isolated is so until it is
   * reset, as those who held it are gone. What cannot be remembered changes nothing, and the `Problem` says why.
   */
  readonly restore: (snapshot: Snapshot.CircuitSnapshot) => IOEither<Problem, void>
}

/**
 * Shows and steers the circuit breaker of a runner. By itself it is the control of the circuit of all calls without a key.
 *
 * @category model
 * @since 0.1.0
 */
export interface CircuitBreakerControl extends CircuitControl {
  /**
   * The control of the circuit of a key, which is made when it is first changed. A breaker without `perKey` has but one circuit,
   * whatever the key.
   */
  readonly of: (key: string) => CircuitControl
  /** The keys that have a circuit, the least recently used first. */
  readonly keys: IO<ReadonlyArray<string>>
  /** Tells of every change of state of any circuit, until what it gives is called. What a watcher throws is ignored. */
  readonly watch: (watcher: (change: CircuitChange) => void) => IO<IO<void>>
}

const done: Either<never, void> = { _tag: 'Right', right: undefined }

/** The circuit that a control is of: found anew each time, as one that is not used may be dropped. */
interface Place {
  /** Just to be looked at. */
  readonly find: IO<Seat>
  /** To be changed. */
  readonly take: IO<Seat>
}

/** The control of one circuit. */
class OneControl implements CircuitControl {
  readonly status: IO<CircuitStatus>
  readonly until: CircuitControl['until']
  readonly isolate: IO<IO<void>>
  readonly forceOpen: (ms: Millis) => IOEither<Problem, void>
  readonly disable: IO<void>
  readonly reset: IO<void>
  readonly snapshot: IO<Snapshot.CircuitSnapshot>
  readonly restore: (snapshot: Snapshot.CircuitSnapshot) => IOEither<Problem, void>

  constructor(breaker: Breaker, { find, take }: Place) {
    const { rules, services } = breaker
    const wrong = (problem: Problem): Either<Problem, never> => ({
      _tag: 'Left',
      left: { ...problem, path: `${services.layer}.${problem.path}` }
    })
    this.status = () => statusOf(breaker, find())
    this.until = (holds, within) => () =>
      new Promise((resolve) => {
        new Waiter(breaker, find, holds, within, resolve).begin()
      })
    this.isolate = () => {
      const held = take()
      // a store that does not say so may do it all the same, and later than it is asked to undo it
      const generations: { home?: number; here?: number } = {}
      let holding = true
      steer(breaker, held, (circuit, home) => {
        if (!holding) return unmoved(circuit)
        const moved = ByHand.isolated(circuit)
        generations[home ? 'home' : 'here'] = moved.circuit.generation
        return moved
      })
      return () => {
        if (!holding) return
        holding = false
        const now = breaker.now()
        steer(breaker, held, (circuit, home) => ByHand.letGo(rules, circuit, generations[home ? 'home' : 'here'], now))
      }
    }
    this.forceOpen = (ms) => () => {
      const [problem] = Rule.check({ ms: Rule.interval }, { ms })
      if (problem !== undefined) return wrong(problem)
      const now = breaker.now()
      steer(breaker, take(), (circuit) => ByHand.forced(circuit, now, ms))
      return done
    }
    this.disable = () => {
      steer(breaker, take(), ByHand.disabled)
    }
    this.reset = () => {
      steer(breaker, take(), (circuit) => ByHand.reset(rules, circuit))
    }
    this.snapshot = () => Snapshot.take(rules, breaker.asOfNow(find()), breaker.now(), services.wallClock())
    this.restore = (snapshot) => () => {
      const now = breaker.now()
      const remembered = Snapshot.read(rules, snapshot, now, services.wallClock())
      if (!('_tag' in remembered)) return wrong(remembered)
      steer(breaker, take(), (circuit) => ByHand.restored(circuit, remembered, now))
      return done
    }
  }
}

/**
 * A class, so that the control of a breaker is told for certain from another layer's.
 *
 * @internal
 */
export class Control extends OneControl implements CircuitBreakerControl {
  readonly of: (key: string) => CircuitControl
  readonly keys: IO<ReadonlyArray<string>>
  readonly watch: (watcher: (change: CircuitChange) => void) => IO<IO<void>>

  constructor(breaker: Breaker) {
    const { seats, services, settings } = breaker
    const alone: Place = { find: () => seats.alone, take: () => seats.alone }
    super(breaker, alone)
    this.of = (key) =>
      new OneControl(
        breaker,
        settings.perKey === undefined
          ? alone
          : { find: () => seats.find(key, services.now()), take: () => seats.of(key, services.now()) }
      )
    this.keys = () => seats.keys(services.now())
    this.watch = (watcher) => () => breaker.watch(watcher)
  }
}

/** Changes a circuit by hand. */
const steer = (breaker: Breaker, seat: Seat, change: (circuit: Circuit, home: boolean) => Move): void => {
  const { services } = breaker
  const name = seat.shelf?.name ?? ''
  let here: Circuit | undefined
  const changed = (circuit: Circuit, home: boolean): Changed<Circuit, Move> => {
    const result = change(circuit, home)
    return { state: result.circuit, result }
  }
  seat.change(services, changed, {
    context: unattended,
    changed: ({ circuit, changes }, home) => {
      if (!home) here = circuit
      breaker.tell(seat, changes, undefined)
    },
    // those who watch know; what became of it there counts, unless more has happened here
    late: (_move, take) => {
      if (seat.state === here || seat.state === seat.shelf?.seen) take()
    },
    trouble: (cause) => {
      storeFailed(services, name, cause)
    }
  })
}
