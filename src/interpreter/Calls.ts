/**
 * The calls of one task, by the lanes of a policy where there are any. A call that nothing stands in the way of has no run: it is
 * a count, what it holds from the lanes, and what follows the promise of its operation.
 *
 * @since 0.1.0
 */
import { isThenable } from '../Callback'
import type { Exit } from '../Exit'
import { defect } from '../Rejection'
import { closing, type Core } from './Core'
import { type Lanes, leave, Ticket, Way } from './Lanes'
import { exitOf, operationAt } from './Operation'
import { type Answer, answerOf, type Job } from './Run'

/**
 * The calls of a task whose operation is told nothing of its attempt.
 *
 * @internal
 */
export class Calls {
  /** That of the call before: calls that hold equal tickets share it. */
  private latest: Passage | undefined = undefined

  constructor(
    readonly core: Core,
    readonly job: Job
  ) {}

  begin(): Promise<Answer> {
    const { core, job } = this
    const { lanes } = core
    if (lanes === undefined) return core.start(job).begin(core.layer)
    let tickets: Ticket | undefined
    for (const gate of lanes.gates) {
      const entered = gate.enter(tickets)
      if (entered instanceof Ticket) tickets = entered
      // a lane says that it takes a frame, or what the answer is
      else if (entered === undefined) return core.start(job).begin(core.layer, tickets && new Way(tickets))
      else return Promise.resolve(this.answer(leave(entered, tickets, gate.mender)))
    }
    let { latest } = this
    if (latest?.holds(tickets) !== true) this.latest = latest = new Passage(this, lanes, tickets)
    return lanes.plain ? latest.call() : core.start(job).begin(lanes.beneath.layer, latest)
  }

  /** The answer, or what will be once frames have done what is left. */
  answer(left: Exit | Way): Answer | Promise<Answer> {
    const { core, job } = this
    return left instanceof Way ? core.start(job).beginLate(left) : answerOf(left, job)
  }
}

/** By the lanes: what runs beneath them, which may be the operation alone. */
class Passage extends Way {
  constructor(
    private readonly calls: Calls,
    private readonly lanes: Lanes,
    tickets: Ticket | undefined
  ) {
    super(tickets)
  }

  holds(tickets: Ticket | undefined): boolean {
    return this.tickets === tickets
  }

  /** Not before what runs beneath has answered. */
  override get isOver(): boolean {
    return false
  }

  /** Nothing, until there is a frame of theirs to ask. */
  override redeem(): undefined {
    return undefined
  }

  override arrive(exit: Exit, settled: boolean): Exit | Way {
    const { lanes, tickets } = this
    // the frames of all layers wait for what hangs
    return settled ? leave(exit, tickets, lanes.mender) : new Way(tickets, lanes.beneath, exit, true)
  }

  /** Calls the operation; what the caller waits for is what follows the operation's own promise. */
  call(): Promise<Answer> {
    const { core, job } = this.calls
    core.enter()
    let exit: Exit
    try {
      const result = (job.f as () => unknown)()
      if (result instanceof Promise) return result.then(this.fulfilled, this.rejected)
      // the platform's own promise takes care of a thenable that throws, or that calls back twice or at once
      if (isThenable(result)) return Promise.resolve(result).then(this.fulfilled, this.rejected)
      exit = exitOf(result, operationAt)
    } catch (cause) {
      exit = defect('Thrown', operationAt, cause)
    }
    return Promise.resolve(this.ended(exit))
  }

  private readonly fulfilled = (value: unknown): Answer | Promise<Answer> => this.ended(exitOf(value, operationAt))

  private readonly rejected = (cause: unknown): Answer | Promise<Answer> =>
    this.ended(defect('Rejected', operationAt, cause))

  /** The operation has settled: the answer, or what will be. */
  private ended(exit: Exit): Answer | Promise<Answer> {
    const { calls } = this
    const { core } = calls
    const left = this.arrive(core.closed ? closing : exit, true)
    // its run, if there is to be one, is counted before it is not
    const answer = calls.answer(left)
    core.leave()
    return answer
  }
}
