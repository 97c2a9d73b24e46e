/**
 * How a circuit breaker is run: what it asks its circuit, and what it makes of the end of a call.
 *
 * @since 0.1.0
 */
import { ask } from '../../Callback'
import { crashed } from '../../Crash'
import type { Asker } from '../../Cell'
import type { Millis } from '../../Duration'
import type { Exit } from '../../Exit'
import type { Context, Frame, Up } from '../../Protocol'
import { type Aborted, type Defect, defect, isFinal, isRefusal } from '../../Rejection'
import { tagOf } from '../../Tag'
import type { Outcome } from '../../trip/Model'
import { noInput } from '../../schedule/Model'
import type { Verdict } from './Admission'
import { type Breaker, refusal, type Result, succeeded } from './Breaker'
import { type Fault, isWide, type Ticket } from './Circuit'
import type { Seat } from './Seats'

/** Where a call's passage through a breaker stands. */
type Phase =
  | 'outside'
  /** It has asked to be let in. */
  | 'asking'
  | 'inside'
  /** What is inside has answered; what that means is being found out. */
  | 'judging'
  | 'answered'

/** What the end of a call says. */
type Evidence = 'failure' | 'success' | 'nothing' | Defect

/**
 * One call's passage through a circuit breaker.
 *
 * @internal
 */
export class CircuitBreakerFrame implements Frame, Up, Asker<Result<Verdict>> {
  private phase: Phase = 'outside'
  private inner: Frame | undefined = undefined
  private innerSettled = false
  /** What lets it in; that of nobody moves nothing. */
  private ticket: Ticket = nobody
  /** Whether the circuit let it in where it is at home. */
  private home = true
  /** If it did not: what was here then. */
  private taken = 0
  private cause: Aborted | undefined = undefined
  private startedAt: Millis = 0
  private seat: Seat

  constructor(
    private readonly breaker: Breaker,
    readonly context: Context,
    private readonly up: Up
  ) {
    this.seat = breaker.seats.alone
  }

  start(): void {
    const { breaker, context } = this
    const seat = breaker.seatOf(context.call)
    this.seat = seat
    const held = breaker.lane === undefined ? undefined : context.call.redeem(breaker.lane)
    if (held !== undefined) {
      this.enter({ generation: held, probe: 0 })
    } else if (seat.shelf === undefined && isWide(seat.state)) {
      this.enter({ generation: seat.state.generation, probe: 0 })
    } else {
      this.phase = 'asking'
      seat.change(breaker.services, breaker.admit(breaker.now()), this)
    }
  }

  abort(cause: Aborted): void {
    switch (this.phase) {
      case 'inside':
        this.cause = cause
        this.inner?.abort(cause)
        if (cause === crashed && this.is('inside')) this.done(cause, true)
        break
      case 'judging':
        this.free()
        this.answer(cause)
        break
      case 'outside':
      case 'asking':
        this.innerSettled = true
        this.answer(cause)
        break
      case 'answered':
        break
    }
  }

  // what came of asking to be let in

  changed(result: Result<Verdict>, home: boolean): void {
    const { breaker, seat, context } = this
    if (!('circuit' in result)) {
      if (this.is('asking')) this.refuse(this.faulty(result, undefined))
      return
    }
    breaker.tell(seat, result.changes, context.call)
    const { verdict } = result
    // it may have been called off while the store took its time, or by who was told
    if (!this.is('asking')) {
      if (verdict._tag === 'Pass') breaker.release(seat, verdict.ticket, home, undefined)
    } else if (verdict._tag === 'Pass') {
      this.home = home
      this.taken = seat.taken
      this.enter(verdict.ticket)
    } else if (breaker.settings.watchOnly === true) {
      this.enter(nobody)
    } else {
      const exit = refusal(verdict.reason, verdict.retryAfter)
      if (context.call.observed) {
        context.call.emit({ _tag: 'CallRefused', layer: breaker.services.layer, error: exit.left })
      }
      if (this.is('asking')) this.refuse(exit)
    }
  }

  late(result: Result<Verdict>): void {
    if ('circuit' in result && result.verdict._tag === 'Pass') {
      this.breaker.release(this.seat, result.verdict.ticket, true, undefined)
    }
  }

  trouble(cause: unknown): void {
    const { breaker, seat, context } = this
    if (!context.call.observed) return
    const name = seat.shelf?.name ?? ''
    context.call.emit({ _tag: 'StoreFailed', layer: breaker.services.layer, name, cause })
  }

  // what is inside

  done(exit: Exit, settled: boolean): void {
    if (this.phase !== 'inside') return
    this.phase = 'judging'
    if (settled) this.innerSettled = true
    const evidence = this.judge(exit)
    // here and below: a callback or a listener of the user's may have called this off
    if (!this.is('judging')) return
    if (typeof evidence !== 'string') {
      this.free()
      this.answer(evidence)
      return
    }
    if (evidence === 'nothing') this.free()
    const fault = evidence === 'nothing' ? undefined : this.record(evidence === 'failure', exit)
    if (this.is('judging')) this.answer(fault ?? exit)
  }

  settled(): void {
    this.innerSettled = true
    if (this.phase === 'answered') this.up.settled()
  }

  private is(phase: Phase): boolean {
    return this.phase === phase
  }

  private enter(ticket: Ticket): void {
    const { breaker, context } = this
    this.phase = 'inside'
    this.ticket = ticket
    if (breaker.rules.trip.reads === 'duration') this.startedAt = breaker.now()
    try {
      this.inner = breaker.inner.open(context, this)
      this.inner.start()
    } catch (cause) {
      // a strategy of the user's inside that throws may never answer
      this.free()
      context.call.crash(cause)
    }
  }

  private refuse(exit: Exit): void {
    this.innerSettled = true
    this.answer(exit)
  }

  private answer(exit: Exit): void {
    this.phase = 'answered'
    this.up.done(exit, this.innerSettled)
  }

  /** It has nothing to say: a probe gives its place back. */
  private free(): void {
    if (!this.isForgotten()) this.breaker.release(this.seat, this.ticket, this.home, this.context.call)
  }

  /** Whether the store has answered since it was let in here: then nobody knows of that generation any more. */
  private isForgotten(): boolean {
    const { seat, home, taken } = this
    return !home && seat.shelf !== undefined && seat.taken !== taken
  }

  private judge(exit: Exit): Evidence {
    // what hung until a timeout outside had enough has failed. Where all had settled, nothing was running (a retry waited, a
    // call was queued), and nobody else's impatience says anything
    if (this.cause !== undefined) return this.cause.by === 'timeout' && !this.innerSettled ? 'failure' : 'nothing'
    const { isFailure, isFailedValue, ignore } = this.breaker.settings
    switch (exit._tag) {
      case 'Right':
        return this.asked('isFailedValue', isFailedValue, exit.right, false, 'failure', 'success')
      case 'Left': {
        const { left } = exit
        if (isRefusal(left) || isFinal(left)) return 'nothing'
        const ignored = this.asked('ignore', ignore, left, false, 'nothing', 'failure')
        if (ignored !== 'failure' || tagOf(left) === 'TimedOut') return ignored
        return this.asked('isFailure', isFailure, left, true, 'failure', 'success')
      }
      case 'Defect':
      case 'Aborted':
        return 'nothing'
    }
  }

  /** Asks a predicate of the user's, if there is one. */
  private asked(
    name: string,
    f: ((value: never) => boolean) | undefined,
    value: unknown,
    unlessGiven: boolean,
    ifSo: Evidence,
    ifNot: Evidence
  ): Evidence {
    if (f === undefined) return unlessGiven ? ifSo : ifNot
    const answer = ask(`${this.breaker.services.layer}.${name}`, f, value as never)
    if (answer._tag === 'Defect') return answer
    return answer.value ? ifSo : ifNot
  }

  /** Tells the circuit how it ended; gives the defect that this makes, if it does. */
  private record(failed: boolean, exit: Exit): Defect | undefined {
    const { breaker, seat, ticket, context, home } = this
    if (ticket === nobody || this.isForgotten()) return undefined
    const here = seat.shelf === undefined || !home
    const { reads } = breaker.rules.trip
    const timed = reads === 'nothing' ? undefined : this.outcome(failed)
    if (here && breaker.counts(seat, ticket.generation, timed ?? (failed ? hasFailed : succeeded))) return undefined
    // what a timeout outside called off has no error of its own
    const error: unknown = failed && exit._tag === 'Left' && this.cause === undefined ? exit.left : noInput
    const change = breaker.record(ticket, timed ?? this.outcome(failed), error, this.wish(error))
    const during = error === noInput ? undefined : error
    let fault: Fault | undefined
    let answered = false
    const changed = (result: Result): void => {
      if ('circuit' in result) breaker.tell(seat, result.changes, context.call)
      else if (!answered) fault = result
      // a store has taken its time, and the caller its answer: what is left is to say so
      else this.trouble(this.faulty(result, during))
    }
    if (here) {
      changed(seat.here(change))
    } else {
      const trouble = (cause: unknown): void => {
        this.trouble(cause)
      }
      seat.change(breaker.services, change, { context, changed, late: ignore, trouble })
    }
    answered = true
    if (fault === undefined) return undefined
    this.free()
    return this.faulty(fault, during)
  }

  private outcome(failed: boolean): Outcome {
    const { breaker, startedAt } = this
    const at = breaker.now()
    return { failed, at, duration: breaker.rules.trip.reads === 'duration' ? Math.max(0, at - startedAt) : 0 }
  }

  /** How long the server asks to be left alone, by this error; asked at most once, when it comes to that. */
  private wish(error: unknown): (() => Millis | undefined | Fault) | undefined {
    const { retryAfter } = this.breaker.settings
    // a timeout says nothing of a server's
    if (retryAfter === undefined || error === noInput || tagOf(error) === 'TimedOut') return undefined
    let wish: { readonly ms: Millis | undefined | Fault } | undefined
    return () => (wish ??= { ms: wished(retryAfter, error) }).ms
  }

  private faulty({ kind, at, cause }: Fault, during: unknown): Defect {
    return defect(kind, `${this.breaker.services.layer}.${at}`, cause, during)
  }
}

/** What a server asks, in ms: 0 and less is no wish to be left alone. */
const wished = (retryAfter: (error: never) => unknown, error: unknown): Millis | undefined | Fault => {
  const answer = ask('retryAfter', retryAfter, error as never)
  if (answer._tag === 'Defect') return { _tag: 'Fault', kind: 'Thrown', at: 'retryAfter', cause: answer.cause }
  const asked = answer.value as { readonly _tag?: unknown; readonly value?: unknown } | null | undefined
  if (asked?._tag === 'None') return undefined
  const ms = asked?._tag === 'Some' ? asked.value : undefined
  if (typeof ms === 'number' && ms < Infinity) return ms > 0 ? ms : undefined
  return { _tag: 'Fault', kind: 'Malformed', at: 'retryAfter', cause: asked }
}

/** The ticket of who is let in only to be watched: it belongs to no generation. */
const nobody: Ticket = { generation: 0, probe: 0 }
const ignore = (): undefined => undefined
const hasFailed: Outcome = { failed: true, at: 0, duration: 0 }
