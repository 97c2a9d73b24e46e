/**
 * How a poll is run: what it makes of a value and of a failure, and of the end.
 *
 * @since 0.1.0
 */
import type { Either, Left, Right } from 'fp-ts/Either'
import type { Option } from 'fp-ts/Option'
import { type Answer, ask } from '../../Callback'
import { decodeFailed, decoding, isDecoder } from '../../Decoder'
import type { Millis } from '../../Duration'
import type { Exit } from '../../Exit'
import type { Layer, Services } from '../../Protocol'
import { deadlineStop, earliest, Recurring, RecurringFrame } from '../../recurrence/RecurringFrame'
import { type Aborted, type PollExhausted } from '../../Rejection'
import { noInput } from '../../schedule/Model'
import { type Standing, standingOf } from '../../Standing'
import type { PollEnd, PollStop } from '../../StopReason'
import { tagOf } from '../../Tag'
import { type PollInfo, type Settings, type Until, type Validate, type WithSettings } from './Settings'

type Failure = Left<unknown>
type Value = Right<unknown>

/** Asks whether a value holds: a `Right` is the answer of the poll, a `Left` has what is to be said against the value. */
type Check = (value: Value) => Exit

/**
 * What all calls of one poll share.
 *
 * @internal
 */
export class Poll extends Recurring<Settings | WithSettings> {
  /** Says whether a value holds, where no validator does. */
  readonly check: Check | undefined

  constructor(
    settings: Settings | WithSettings,
    services: Services,
    inner: Layer,
    until: Until | undefined,
    readonly validate: Validate | undefined
  ) {
    super(services, inner, settings, 'beforePoll', true)
    const at = `${services.layer}.until`
    this.check = until === undefined ? undefined : isDecoder(until) ? byDecoder(at, until) : byPredicate(at, until)
  }

  /** Why an error is not waited out, whatever the schedule says. */
  forbids(error: unknown, standing: Standing | undefined): Answer<PollStop | undefined> {
    const { waitOut, waitOutRefused } = this.settings
    if (standing === 'Final') return final
    // asked for by the operation itself
    if (standing === 'Again') return allowed
    if (standing === 'Refused') {
      if (waitOutRefused !== true) return refused
      if (waitOut === undefined) return allowed
    }
    if (waitOut === undefined) return byNoPredicate
    const isWaitedOut = ask(`${this.services.layer}.waitOut`, waitOut, error as never)
    if (isWaitedOut._tag === 'Defect') return isWaitedOut
    return isWaitedOut.value ? allowed : byNoPredicate
  }
}

const because = (value: PollStop): Answer<PollStop> => ({ _tag: 'Value', value })
const allowed: Answer<undefined> = { _tag: 'Value', value: undefined }
const final = /*#__PURE__*/ because({ _tag: 'Final' })
const refused = /*#__PURE__*/ because({ _tag: 'Refused' })
const byNoPredicate = /*#__PURE__*/ because({ _tag: 'Predicate' })
const failWhenStop: PollEnd = { _tag: 'FailWhen' }

/** What a predicate has to say against a value: no more than no. */
const unmet: Failure = { _tag: 'Left', left: undefined }

const byPredicate =
  (at: string, predicate: (value: never) => boolean): Check =>
  (value) => {
    const answer = ask(at, predicate, value.right as never)
    if (answer._tag === 'Defect') return answer
    return answer.value ? value : unmet
  }

/** The decoder's errors are left unread: mostly nobody wants to know. */
const byDecoder = (at: string, decoder: Exclude<Until, (value: never) => boolean>): Check => {
  const decode = decoding(at, decoder)
  return (value) => {
    const answer = decode(value.right)
    return answer._tag === 'Defect' ? answer : answer.value
  }
}

const none: Option<never> = { _tag: 'None' }
const some = <A>(value: A): Option<A> => ({ _tag: 'Some', value })

/**
 * One call's passage through a poll.
 *
 * @internal
 */
export class PollFrame extends RecurringFrame<Poll> {
  /** The last value that came. */
  private value: Value | undefined = undefined
  /** What there is to say against the value, where the last attempt gave one. */
  private against: Failure | undefined = undefined
  /** Whether what runs is the validation of the last value. */
  private validating = false

  done(exit: Exit, settled: boolean): void {
    if (settled) this.unsettled--
    this.attempt = undefined
    const { validating, cause } = this
    this.validating = false
    if (exit._tag === 'Defect') this.answer(exit)
    else if (exit._tag === 'Aborted') this.aborted(exit)
    else if (validating) this.validated(exit, cause)
    else if (exit._tag === 'Right') this.came(exit, cause)
    else this.failed(exit, cause)
  }

  /** A value came. Where the poll was called off meanwhile, it is the answer if it holds, and nothing more is begun. */
  private came(value: Value, calledOff: Aborted | undefined): void {
    const { shared } = this
    const { failWhen } = shared.settings
    this.last = this.value = value
    this.against = undefined
    if (failWhen !== undefined) {
      const fails = ask(`${shared.services.layer}.failWhen`, failWhen, value.right as never)
      // here and below: a callback of the user's may have called this poll off
      if (this.isAnswered()) return
      if (fails._tag === 'Defect') this.answer(fails)
      else if (fails.value && calledOff !== undefined) this.aborted(calledOff)
      else if (fails.value) this.stop(failWhenStop)
      if (this.isAnswered()) return
    }
    if (shared.check === undefined) {
      if (calledOff === undefined) this.validate(value)
      else this.aborted(calledOff)
      return
    }
    const checked = shared.check(value)
    if (this.isAnswered()) return
    if (checked._tag === 'Left') this.unmet(checked, value, calledOff)
    else this.answer(checked)
  }

  private validate({ right }: Value): void {
    const { services, validate } = this.shared
    this.validating = true
    this.unsettled++
    const at = `${services.layer}.until`
    this.attempt = services
      .operation((attempt) => (validate as Validate)(right as never, attempt), at, right)
      .open(this.number === 1 ? this.context : this, this)
    this.attempt.start()
  }

  private validated(exit: Either<unknown, unknown>, calledOff: Aborted | undefined): void {
    if (exit._tag === 'Right') this.answer(exit)
    else this.unmet(exit, this.value as Value, calledOff)
  }

  /** The value does not hold. */
  private unmet(against: Failure, value: Value, calledOff: Aborted | undefined): void {
    this.against = against
    if (calledOff !== undefined) this.aborted(calledOff)
    else if (against !== unmet && this.shared.settings.invalid === 'fail') this.fail({ _tag: 'Invalid' })
    else this.next(value.right, 0)
  }

  private failed(exit: Failure, calledOff: Aborted | undefined): void {
    const standing = standingOf(exit.left)
    // a deadline inside was reached: with something better at hand, that is what there is to say
    const cutShort = standing === 'Final' && this.last !== undefined && tagOf(exit.left) === 'DeadlineExceeded'
    if (calledOff !== undefined && (cutShort || calledOff.by !== 'deadline')) {
      this.aborted(calledOff)
      return
    }
    if (cutShort) {
      this.stop(deadlineStop)
      return
    }
    const forbidden = this.shared.forbids(exit.left, standing)
    if (this.isAnswered()) return
    if (forbidden._tag === 'Defect') {
      this.answer(forbidden)
      return
    }
    this.last = exit
    this.against = undefined
    const reason = forbidden.value
    // called off by a deadline: where a retry inside had a real error to give back, that is the answer
    if (calledOff !== undefined && (reason === undefined || reason._tag === 'Final')) this.aborted(calledOff)
    else if (reason !== undefined) this.fail(reason)
    else this.next(noInput, earliest(exit.left, standing))
  }

  private next(input: unknown, atLeast: Millis): void {
    const { shared, context, times } = this
    const now = shared.clocked || context.deadline < Infinity ? shared.services.now() : 0
    this.proceed(input, now, shared.clocked ? now - (times?.startedAt ?? now) : 0, atLeast)
  }

  protected info(elapsed: Millis, delay: Millis): PollInfo<unknown, unknown> {
    const { last, number, times } = this
    return { outcome: last as Either<unknown, unknown>, attempt: number, elapsed, idle: times?.idle ?? 0, delay }
  }

  protected tellScheduled(delay: Millis): void {
    const { layer } = this.shared.services
    this.context.call.emit({ _tag: 'PollScheduled', layer, attempt: this.number, delay, outcome: this.outcome() })
  }

  /** What the last attempt came to: a value without a word against it, or that word, or its error. */
  private outcome(): Either<unknown, unknown> {
    const last = this.last as Either<unknown, unknown>
    const { against, shared } = this
    if (last._tag === 'Left' || against === undefined || against === unmet) return last
    return shared.check === undefined ? against : { _tag: 'Left', left: decodeFailed(last.right, against.left) }
  }

  /** Tells whoever listens that there is no further attempt; says whether the poll still has to be answered. */
  private tellStopped(reason: PollStop, outcome: Either<unknown, unknown>): boolean {
    const { call } = this.context
    if (call.observed) {
      const { layer } = this.shared.services
      call.emit({ _tag: 'PollStopped', layer, attempt: this.number, reason, outcome })
    }
    return !this.isAnswered()
  }

  /** An error is the answer. */
  private fail(reason: PollStop): void {
    const outcome = this.outcome()
    if (this.tellStopped(reason, outcome)) this.answer(outcome)
  }

  protected stop(reason: PollEnd): void {
    if (reason._tag === 'Fault') {
      this.answer(this.faulty(reason))
      return
    }
    const { value, number, shared } = this
    const outcome = this.outcome()
    const now = shared.services.now()
    if (!this.tellStopped(reason, outcome)) return
    const exhausted: PollExhausted<unknown> = {
      _tag: 'PollExhausted',
      value: value === undefined ? none : some(value.right),
      error: outcome._tag === 'Left' ? some(outcome.left) : none,
      attempts: number,
      elapsed: now - (this.times?.startedAt ?? now),
      reason
    }
    this.answer({ _tag: 'Left', left: exhausted })
  }

  /** Called off: by a deadline with anything at hand, that is what there is to say. */
  protected aborted(cause: Aborted): void {
    if (cause.by === 'deadline' && this.last !== undefined) this.stop(deadlineStop)
    else this.answer(cause)
  }
}
