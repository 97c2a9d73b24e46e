/**
 * What limits in time, one inside the other, make of each other.
 *
 * @since 0.1.0
 */
import * as Duration from './Duration'
import type { Millis } from './Duration'
import type { Problem } from './Problem'
import type { Node } from './Strategy'

/** What those have in common that limit in time. */
interface Timed {
  readonly ms: Millis
  readonly grace?: Millis
}

/**
 * Whether a limit is no longer than one inside it, which then never fires, or than that with its grace, which it then cuts short.
 *
 * @internal
 */
export const tooShort = (ms: Millis, inside: ReadonlyArray<Node>): ReadonlyArray<Problem> => {
  let longest = 0
  let allows = ''
  for (const { strategy, settings } of inside) {
    const { name } = strategy
    if (name !== 'timeout' && name !== 'deadline') continue
    const { ms: length, grace = 0 } = settings as Timed
    // one of no length never fires, wherever it stands
    if (length + grace < Infinity && length + grace > longest) {
      longest = length + grace
      allows = `a ${name} inside it allows${ms > length ? ' with its grace' : ', or that one never fires'}`
    }
  }
  return allows === '' || ms > longest
    ? []
    : [{ path: 'ms', value: ms, allowed: `more than the ${Duration.show(longest)} that ${allows}` }]
}
