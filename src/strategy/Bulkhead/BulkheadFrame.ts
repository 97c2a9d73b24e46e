/**
 * How a bulkhead is run: the frame interprets what the arithmetic of permits says.
 *
 * @since 0.1.0
 */
import { ask } from '../../Callback'
import { crashed } from '../../Crash'
import type { Millis } from '../../Duration'
import type { Exit } from '../../Exit'
import { type Context, type Frame, type Lane, type Layer, type Services, Sleeper, type Up } from '../../Protocol'
import { type MayQueue, type Queueing, queueing, type Standby } from '../../Queueing'
import { type Aborted, type BulkheadFull, type Defect, defect } from '../../Rejection'
import { Lease, type Newcomer, type Tenant } from './Lease'
import * as Permits from './Permits'
import { Heap, Line, type Queue, Ranked } from './Queue'
import { type BulkheadCall, defaultLease, type Settings, shelfOf } from './Settings'
import { Visitor } from './Visitor'

/**
 * What all calls of one bulkhead share: its state; and its lane, for those who find a permit.
 *
 * @internal
 */
export class Bulkhead implements Lane, MayQueue, Tenant {
  readonly state: Permits.Permits
  /** How many may wait. */
  readonly queueLength: number
  /** How many may join the queue: any number, where another has to say whether there is a permit. */
  readonly room: number
  /** How it comes by its permits, where it shares them by name. */
  readonly lease: Lease | undefined
  readonly wait: Millis
  readonly abandonAfter: Millis
  readonly priority: ((call: BulkheadCall) => number) | undefined
  readonly waiters: Queue<Stay>
  /** Where they wait who need no frame. */
  private readonly line: Line
  /** Where nothing can end the wait but a permit, no frame need know of it. */
  readonly [queueing]: Queueing | undefined

  constructor(
    settings: Settings,
    readonly services: Services,
    readonly inner: Layer
  ) {
    const { permits, queue = 0, order, wait = Infinity, abandonAfter = Infinity, lease = defaultLease } = settings
    const shelf = shelfOf(settings, services)
    this.state = Permits.initial(shelf === undefined ? permits : 0)
    this.queueLength = queue
    this.room = shelf === undefined ? queue : Infinity
    this.lease = shelf === undefined ? undefined : new Lease(this, shelf, lease)
    this.wait = wait
    this.abandonAfter = abandonAfter
    this.priority = typeof order === 'function' ? order : undefined
    this.line = new Line(order === 'lifo')
    this.waiters = this.priority === undefined ? this.line : new Heap()
    this[queueing] = this.priority === undefined && wait === Infinity ? this : undefined
  }

  enter(): number | Exit | undefined {
    const { state, room } = this
    if (Permits.isFree(state)) {
      Permits.taken(state)
      return 0
    }
    return Permits.isFull(state, room) ? { _tag: 'Left', left: this.refusal('queue') } : undefined
  }

  leave(): void {
    const { state, lease } = this
    Permits.freed(state)
    if (state.queued > 0 || lease !== undefined) this.handOn()
  }

  join(standby: Standby): Promise<unknown> {
    Permits.waiting(this.state)
    return Visitor.join(this.line, standby)
  }

  clear(): void {
    for (let place = this.waiters.take(); place !== undefined; place = this.waiters.take()) {
      Permits.left(this.state)
      place.dismiss()
    }
  }

  /** Why a call is not let in. */
  refusal(reason: BulkheadFull['reason']): BulkheadFull {
    const { active, hanging, queued } = this.state
    const permits = this.lease?.permits ?? this.state.permits
    return { _tag: 'BulkheadFull', reason, permits, active, hanging, queued }
  }

  /** Something may be free now: it is handed on here, or given back. */
  handOn(): void {
    this.next()
    this.lease?.freed()
  }

  /** Hands on what is free. Nothing of the user's runs in here: those who are next are only roused. */
  next(): void {
    while (Permits.canHand(this.state)) {
      const place = this.waiters.take()
      if (place === undefined) return
      Permits.handed(this.state)
      place.admit()
    }
  }
}

/** Where a call's passage through a bulkhead stands. */
type Phase =
  /** It holds nothing and is nowhere. */
  | 'outside'
  | 'queued'
  /** There is no room for it, but it is not awake yet. */
  | 'away'
  /** It has a permit, but is not awake yet. */
  | 'admitted'
  | 'inside'
  /** It has been answered; what is inside has not settled. */
  | 'hanging'
  | 'over'

/**
 * One call's passage through a bulkhead.
 *
 * @internal
 */
export class BulkheadFrame extends Sleeper implements Frame, Up, Newcomer {
  private phase: Phase = 'outside'
  private inner: Frame | undefined = undefined
  private stay: Stay | undefined = undefined
  /** The generation in which it was hung. */
  private since = 0

  constructor(
    private readonly bulkhead: Bulkhead,
    readonly context: Context,
    private readonly up: Up
  ) {
    super()
  }

  start(): void {
    const { bulkhead } = this
    if (this.context.call.redeem(bulkhead) !== undefined) {
      this.run()
      return
    }
    switch (Permits.arrive(bulkhead.state, bulkhead.room)) {
      case 'Run':
        Permits.taken(bulkhead.state)
        this.run()
        break
      case 'Wait':
        this.queue()
        break
      case 'Refuse':
        this.refuse('queue')
        break
    }
  }

  abort(cause: Aborted): void {
    switch (this.phase) {
      case 'inside':
        this.inner?.abort(cause)
        if (cause === crashed && this.is('inside')) this.done(cause, true)
        break
      case 'queued':
        this.leave()
        this.answer(cause)
        break
      case 'admitted':
        this.bulkhead.services.waiting.cancel(this)
        this.bulkhead.leave()
        this.answer(cause)
        break
      case 'away':
        this.bulkhead.services.waiting.cancel(this)
        this.answer(cause)
        break
      case 'outside':
        this.answer(cause)
        break
      case 'hanging':
      case 'over':
        break
    }
  }

  done(exit: Exit, settled: boolean): void {
    if (this.phase !== 'inside') return
    const { bulkhead } = this
    if (settled) {
      bulkhead.leave()
      this.phase = 'over'
    } else {
      this.phase = 'hanging'
      this.since = bulkhead.state.generation
      Permits.hung(bulkhead.state)
      if (bulkhead.abandonAfter < Infinity) bulkhead.services.waiting.sleep(bulkhead.abandonAfter, this)
    }
    this.up.done(exit, settled)
  }

  settled(): void {
    const { bulkhead } = this
    if (this.phase === 'hanging') {
      this.phase = 'over'
      bulkhead.services.waiting.cancel(this)
      Permits.settled(bulkhead.state, this.since)
      bulkhead.handOn()
    }
    this.up.settled()
  }

  wake(): void {
    switch (this.phase) {
      case 'queued': {
        const reason = this.stay?.ends ?? 'wait'
        this.leave()
        this.refuse(reason)
        break
      }
      case 'away':
        this.phase = 'outside'
        this.refuse('queue')
        break
      case 'admitted':
        this.enter()
        break
      case 'hanging':
        this.abandon()
        break
      case 'outside':
      case 'inside':
      case 'over':
        break
    }
  }

  /** It has been handed a permit: it goes in once it is awake, in the async context of who called. */
  admit(): void {
    this.phase = 'admitted'
    this.bulkhead.services.waiting.rouse(this)
  }

  get waits(): boolean {
    return this.phase === 'queued'
  }

  turnAway(): boolean {
    if (!this.waits) return false
    this.phase = 'away'
    this.stepOut()
    this.bulkhead.services.waiting.rouse(this)
    return true
  }

  private run(): void {
    this.phase = 'inside'
    try {
      this.inner = this.bulkhead.inner.open(this.context, this)
      this.inner.start()
    } catch (cause) {
      // a strategy of the user's inside that throws never says that it has settled
      if (this.is('inside')) {
        this.bulkhead.leave()
        this.phase = 'over'
      }
      this.context.call.crash(cause)
    }
  }

  private queue(): void {
    const { bulkhead, context } = this
    const { services } = bulkhead
    const priority = this.priority()
    // here and below: a callback or a listener of the user's may have called this off
    if (this.is('over')) return
    if (typeof priority !== 'number') {
      this.answer(priority)
      return
    }
    // or have changed the bulkhead
    const verdict = bulkhead.priority === undefined ? 'Wait' : Permits.arrive(bulkhead.state, bulkhead.room)
    if (verdict === 'Run') {
      Permits.taken(bulkhead.state)
      this.run()
      return
    }
    if (verdict === 'Refuse') {
      this.refuse('queue')
      return
    }
    const { observed } = context.call
    const now = observed || context.deadline < Infinity ? services.now() : 0
    const spare = context.deadline === Infinity ? Infinity : context.deadline - context.reserve - now
    if (spare <= 0) {
      this.refuse('deadline')
      return
    }
    // without a reserve, whoever set the deadline ends the wait, and says so
    const ends = context.reserve > 0 && spare < bulkhead.wait ? 'deadline' : 'wait'
    const longest = ends === 'deadline' ? spare : bulkhead.wait
    this.stay = new Stay(this, priority, now, ends)
    Permits.waiting(bulkhead.state)
    bulkhead.waiters.add(this.stay)
    this.phase = 'queued'
    if (longest < Infinity) services.waiting.sleep(longest, this)
    else services.waiting.park(this)
    bulkhead.lease?.joined(this)
    if (observed && this.is('queued')) {
      context.call.emit({ _tag: 'CallQueued', layer: services.layer, queued: bulkhead.state.queued })
    }
  }

  /** How urgent this is; only asked when it has to wait. */
  private priority(): number | Defect {
    const { priority, services } = this.bulkhead
    if (priority === undefined) return 0
    const at = `${services.layer}.order`
    const { key, attributes } = this.context.call
    const call: BulkheadCall = { key, attributes }
    const answer = ask(at, priority, call)
    if (answer._tag === 'Defect') return answer
    const { value }: { readonly value: unknown } = answer
    return typeof value === 'number' && value === value ? value : defect('Malformed', at, value, call)
  }

  /** Awake, with a permit. */
  private enter(): void {
    const { bulkhead, context, stay } = this
    const { layer, now } = bulkhead.services
    const { call, deadline, reserve } = context
    const at = call.observed || deadline < Infinity ? now() : 0
    if (deadline < Infinity && deadline - at <= reserve) {
      this.phase = 'outside'
      bulkhead.leave()
      this.refuse('deadline')
      return
    }
    this.stay = undefined
    if (call.observed) call.emit({ _tag: 'CallAdmitted', layer, waited: at - (stay?.since ?? at) })
    if (this.is('admitted')) this.run()
  }

  /** It waits no more, and has no permit. */
  private leave(): void {
    this.phase = 'outside'
    this.bulkhead.services.waiting.cancel(this)
    this.stepOut()
  }

  /** It is not in the queue any more. */
  private stepOut(): void {
    const { bulkhead, stay } = this
    if (stay !== undefined) bulkhead.waiters.remove(stay)
    this.stay = undefined
    Permits.left(bulkhead.state)
  }

  /** It has hung for as long as it may hold its permit. */
  private abandon(): void {
    const { bulkhead } = this
    Permits.abandonedOne(bulkhead.state, this.since)
    this.since = Permits.givenUp
    bulkhead.handOn()
  }

  private refuse(reason: BulkheadFull['reason']): void {
    const { bulkhead, context } = this
    const error = bulkhead.refusal(reason)
    const { call } = context
    if (call.observed) call.emit({ _tag: 'CallRefused', layer: bulkhead.services.layer, error })
    if (this.is('outside')) this.answer({ _tag: 'Left', left: error })
  }

  /** The answer of a call that was not let in. */
  private answer(exit: Exit): void {
    this.phase = 'over'
    this.up.done(exit, true)
  }

  /** The phase may have changed in between, in ways that a type checker cannot see. */
  private is(phase: Phase): boolean {
    return this.phase === phase
  }
}

/** A place in the queue, and what is known of the wait. */
class Stay extends Ranked {
  constructor(
    private readonly frame: BulkheadFrame,
    priority: number,
    /** When it began; only kept for those who listen. */
    readonly since: Millis,
    /** What the wait ends by, if nobody else ends it. */
    readonly ends: 'wait' | 'deadline'
  ) {
    super(priority)
  }

  admit(): void {
    this.frame.admit()
  }

  /** Its run has aborted its frame before, and that has left. */
  dismiss(): void {}
}
