/**
 * The demo: a service that misbehaves, a client that copes, and a timeline of every decision. Ends with 0 only if every
 * scenario keeps its promise. With `--url` it polls a service of yours instead.
 */
import { pipe } from 'fp-ts/function'
import * as T from 'fp-ts/Task'
import { cli } from './cli'
import { coloured, plain } from './show/words'

const terminal = {
  print: (line: string): void => console.log(line),
  complain: (line: string): void => console.error(line),
  paint: process.stdout.isTTY && process.env['NO_COLOR'] === undefined ? coloured : plain
}

process.exitCode = 1
void pipe(
  cli(process.argv.slice(2), terminal),
  T.map((code) => {
    process.exitCode = code
  })
)()
