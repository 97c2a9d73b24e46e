/**
 * tenacity, in our terms: a retry of whatever its predicate does not accept, where a result that is not accepted is a failure
 * too (`ensure`), and the one that exhausts it is handed over (`retryOrElse`).
 */
import { about, type Adapter, anything, asks, type Row, table } from './question'
import { ofEachScript } from './scripts'
import { logLines, ordinals } from './tenacity/logging'
import { loop } from './tenacity/loop'
import { order } from './tenacity/order'
import { retrying } from './tenacity/retrying'
import { state } from './tenacity/state'
import { stopping } from './tenacity/stopping'
import { block, interruptible, reentrant, synchronous } from './tenacity/uses'
import { waiting } from './tenacity/waiting'

/** A wait that is not part of a loop, which has a stop. */
const isWaitAlone: Row[0] = ({ feature, params }) => /^wait[_ ]/.test(feature) && params['stop'] === undefined

export const conform: Adapter = table(
  // parts of a loop, each asked alone
  [isWaitAlone, waiting],
  [about(/^stop[_ ]/), stopping],
  [asks('outcomes'), retrying],
  [about(/^(async )?retry_(if|any|all|unless|always|never)/), retrying],
  // what is told, and when
  [about(/callback order/), order],
  [about(/_log/), logLines],
  [about(/ordinal/), ordinals],
  [about(/repr/), state],
  // ways to use it
  [about(/re-entrant/), reentrant],
  [about(/^iterator/), block],
  [about(/sleep_using_event/), interruptible],
  [about(/^sync function/), synchronous],
  [anything, ofEachScript(loop)]
)
