/**
 * The calls of one task, by the lanes of a policy where there are any. A call that nothing stands in the way of has no run: it is
 * a count, what it holds from the lanes, and what follows the promise of its operation.
 *
 * @since 0.1.0
 */
import { promiseOf } from '../Callback'
import type { Exit } from '../Exit'
import { queueing, type Standby } from '../Queueing'
import { defect } from '../Rejection'
import type { Core } from './Core'
import { type Gate, type Lanes, leave, leaveOrMend, type Split, thrown, type Ticket, Way } from './Lanes'
import { exitOf, operationAt } from './Operation'
import { type Answer, answerOf, closing, type Job } from './Run'

/**
 * The calls of a task whose operation is told nothing of its attempt.
 *
 * @internal
 */
export class Calls {
  /** That of the call before: calls that hold equal tickets share it. */
  private latest: Passage | undefined = undefined
  /** That of the last call which had to wait: shared likewise. */
  private waiting: Waiting | undefined = undefined

  constructor(
    readonly core: Core,
    readonly job: Job
  ) {}

  /** Begins a call; gives what its caller waits for, which never rejects. */
  begin(): Promise<Answer> {
    const { core } = this
    const { lanes } = core
    return lanes === undefined ? core.start(this.job).begin(core.layer) : this.go(lanes, lanes.gate)
  }

  /**
   * Goes by the lanes, from a gate on. All that most calls do is in here and in `Passage.ended`: an engine makes one piece of
   * each, as long as neither grows.
   */
  private go(lanes: Lanes, from: Gate | undefined, held?: Ticket): Promise<Answer> {
    const { core, job } = this
    let tickets = held
    for (let gate = from; gate; gate = gate.inner) {
      let entered: number | Exit | undefined
      try {
        entered = gate.lane.enter()
      } catch (cause) {
        entered = thrown(cause)
      }
      if (typeof entered !== 'number') return this.stopped(entered, lanes, gate, tickets)
      tickets = gate.ticket(entered, tickets)
    }
    let { latest } = this
    if (latest === undefined || latest.holds !== tickets) this.latest = latest = new Passage(this, lanes, tickets)
    if (!lanes.plain) return core.start(job).begin(lanes.beneath.layer, latest)
    // calls the operation; what the caller waits for is what follows the operation's own promise
    core.enter()
    try {
      const result = (job.f as () => unknown)()
      const promise = promiseOf(result)
      return promise === undefined
        ? Promise.resolve(latest.fulfilled(result))
        : promise.then(latest.fulfilled, latest.rejected)
    } catch (cause) {
      return Promise.resolve(latest.ended(defect('Thrown', operationAt, cause)))
    }
  }

  /** A lane says what the answer is, or that this takes a frame or has to wait. */
  private stopped(entered: Exit | undefined, lanes: Lanes, gate: Gate, tickets: Ticket | undefined): Promise<Answer> {
    const { core, job } = this
    const { lane, mender } = gate
    const queue = lane[queueing]
    if (entered !== undefined) {
      // most refusals are the answer; where an engine sees what is given, it need not look for a method `then`
      if (entered._tag === 'Left' && (tickets ?? mender) === undefined) return Promise.resolve(entered)
      return Promise.resolve(this.last(entered, tickets, mender))
    }
    // what was taken before the runner took no more goes on, unless it was called off
    if (!queue) return core.start(job).begin(core.closed ? core.layer : core.whole, tickets && new Way(tickets))
    // it has no run either
    core.enter()
    let { waiting } = this
    if (waiting?.gate !== gate || waiting.holds !== tickets) {
      const goOn = (ticket: number | undefined): Answer | Promise<Answer> => {
        const held = ticket === undefined ? tickets : gate.ticket(ticket, tickets)
        const answer = core.closed ? this.last(closing, held) : this.go(lanes, gate.inner, held)
        core.leave()
        return answer
      }
      this.waiting = waiting = { gate, holds: tickets, goOn }
    }
    return queue.join(waiting) as Promise<Answer>
  }

  /** All that was called has settled: the answer, or what will be once frames have done what is left. */
  last(exit: Exit, tickets: Ticket | undefined, mender?: Split): Answer | Promise<Answer> {
    const { core, job } = this
    // nothing is held that a frame would have to redeem: who mends it is told straight away
    if (exit._tag === 'Left' && tickets === undefined && mender?.mends)
      return core.start(job).beginLate(undefined, exit)
    const left = leaveOrMend(exit, tickets, mender)
    return left instanceof Way ? core.start(job).beginLate(left) : answerOf(left, job)
  }
}

/** Calls that wait by a gate. */
interface Waiting extends Standby {
  readonly gate: Gate
  readonly holds: Ticket | undefined
}

/** By the lanes: what runs beneath them, which may be the operation alone. */
class Passage extends Way {
  private readonly core: Core

  constructor(
    private readonly calls: Calls,
    private readonly lanes: Lanes,
    readonly holds: Ticket | undefined
  ) {
    super()
    this.core = calls.core
  }

  /** Not before what runs beneath has answered. */
  override get isOver(): boolean {
    return false
  }

  override arrive(exit: Exit, settled: boolean): Exit | Way {
    const { beneath, mender } = this.lanes
    // the frames of all layers wait for what hangs
    if (!settled) return new Way(this.holds, beneath, exit, true)
    return leaveOrMend(exit, this.holds, mender)
  }

  readonly fulfilled = (value: unknown): Answer | Promise<Answer> => this.ended(exitOf(value, operationAt))

  readonly rejected = (cause: unknown): Answer | Promise<Answer> => this.ended(defect('Rejected', operationAt, cause))

  /** The operation, called without a run, has settled: the answer, or what will be. */
  ended(exit: Exit): Answer | Promise<Answer> {
    const { calls, core, holds } = this
    let answer: Answer | Promise<Answer>
    // its run, if there is to be one, is counted before it is not
    if (exit._tag !== 'Right' || core.closed)
      answer = calls.last(core.closed ? closing : exit, holds, this.lanes.mender)
    else answer = holds === undefined ? exit : answerOf(leave(exit, holds), calls.job)
    core.leave()
    return answer
  }
}
