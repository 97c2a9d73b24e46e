/**
 * Who waits, and who is next. To join, to be next and to leave from anywhere take O(1) first in first out or last in first out,
 * and O(log n) by priority.
 *
 * @since 0.1.0
 */

/**
 * A place in a queue, with the links of the list that it may be in.
 *
 * @internal
 */
export abstract class Place {
  before: Place | undefined = undefined
  after: Place | undefined = undefined

  /** Who waits here has been handed a permit: goes in once promises get to run, in the async context of who called. */
  abstract admit(): void

  /** Who waits here has been called off, since the runner is closed, and is in the queue no more. */
  abstract dismiss(): void
}

/**
 * A place that may be in a heap.
 *
 * @internal
 */
export abstract class Ranked extends Place {
  /** Its position in the heap. */
  index = 0
  /** When it joined the heap, among those of equal priority. */
  order = 0

  constructor(readonly priority: number) {
    super()
  }
}

/**
 * A queue. Only what is in it may be removed.
 *
 * @internal
 */
export interface Queue<P extends Place> {
  readonly add: (place: P) => void
  /** Takes the next one out. */
  readonly take: () => Place | undefined
  readonly remove: (place: P) => void
}

/**
 * A list: first in first out, or last in first out.
 *
 * @internal
 */
export class Line implements Queue<Place> {
  private first: Place | undefined = undefined
  private last: Place | undefined = undefined

  constructor(private readonly latestFirst: boolean) {}

  add(place: Place): void {
    place.before = this.last
    if (this.last === undefined) this.first = place
    else this.last.after = place
    this.last = place
  }

  take(): Place | undefined {
    const next = this.latestFirst ? this.last : this.first
    if (next !== undefined) this.remove(next)
    return next
  }

  remove(place: Place): void {
    const { before, after } = place
    if (before === undefined) this.first = after
    else before.after = after
    if (after === undefined) this.last = before
    else after.before = before
    // what has left holds on to nobody: a chain of such would be kept for as long as its oldest link
    place.before = place.after = undefined
  }
}

/**
 * A heap: the highest priority first, those of equal priority first in first out.
 *
 * @internal
 */
export class Heap implements Queue<Ranked> {
  private readonly places: Array<Ranked> = []
  private joined = 0

  add(place: Ranked): void {
    place.order = this.joined++
    this.places.push(place)
    this.rise(place, this.places.length - 1)
  }

  take(): Ranked | undefined {
    const [next] = this.places
    if (next !== undefined) this.remove(next)
    return next
  }

  remove(place: Ranked): void {
    const { places } = this
    const last = places.pop()
    if (last === undefined || last === place) return
    // whoever was last may belong further up, or further down, than the gap
    this.sink(last, place.index)
    this.rise(last, last.index)
  }

  private rise(place: Ranked, from: number): void {
    const { places } = this
    let index = from
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = places[parent] as Ranked
      if (!precedes(place, above)) break
      this.put(above, index)
      index = parent
    }
    this.put(place, index)
  }

  private sink(place: Ranked, from: number): void {
    const { places } = this
    let index = from
    for (;;) {
      let child = 2 * index + 1
      if (child >= places.length) break
      const right = places[child + 1]
      if (right !== undefined && precedes(right, places[child] as Ranked)) child++
      const below = places[child] as Ranked
      if (!precedes(below, place)) break
      this.put(below, index)
      index = child
    }
    this.put(place, index)
  }

  private put(place: Ranked, index: number): void {
    this.places[index] = place
    place.index = index
  }
}

const precedes = (a: Ranked, b: Ranked): boolean =>
  a.priority > b.priority || (a.priority === b.priority && a.order < b.order)
