/**
 * What is still to happen in virtual time: a heap, the earliest first, those of one instant in the order of their making.
 *
 * @since 0.1.0
 */
import type { Millis } from '../Duration'

/**
 * Something that is to happen.
 *
 * @internal
 */
export interface Pending {
  readonly at: Millis
  readonly order: number
  readonly fire: () => void
  /** Whether a timer made it; the rest are turns and what a test arranged. */
  readonly timer: boolean
  cancelled: boolean
}

/**
 * A heap of what is to happen.
 *
 * @internal
 */
export class EventQueue {
  private readonly heap: Array<Pending> = []
  private made = 0

  add(at: Millis, fire: () => void, timer: boolean): Pending {
    // what is due at no time would put a heap out of order: it is due never
    const event: Pending = { at: at === at ? at : Infinity, order: this.made++, fire, timer, cancelled: false }
    this.insert(event)
    return event
  }

  /** The earliest that has not been called off, left in place. */
  first(): Pending | undefined {
    while (this.heap[0]?.cancelled === true) this.remove()
    return this.heap[0]
  }

  /** Takes the earliest out. */
  take(): Pending | undefined {
    return this.first() === undefined ? undefined : this.remove()
  }

  /** Puts back what was taken out. */
  insert(event: Pending): void {
    const { heap } = this
    let index = heap.push(event) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!earlier(event, heap[parent] as Pending)) break
      heap[index] = heap[parent] as Pending
      index = parent
    }
    heap[index] = event
  }

  /** All that has not been called off, in no particular order. */
  live(): ReadonlyArray<Pending> {
    return this.heap.filter((event) => !event.cancelled)
  }

  private remove(): Pending | undefined {
    const { heap } = this
    const top = heap[0]
    const last = heap.pop()
    if (heap.length === 0 || last === undefined) return top
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && earlier(heap[child + 1] as Pending, heap[child] as Pending)) child++
      if (!earlier(heap[child] as Pending, last)) break
      heap[index] = heap[child] as Pending
      index = child
    }
    heap[index] = last
    return top
  }
}

const earlier = (a: Pending, b: Pending): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)
