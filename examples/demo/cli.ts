/**
 * From arguments to an exit code.
 */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as T from 'fp-ts/Task'
import { type Command, parse, usage } from './arguments'
import { pollUntilDone } from './polling'
import { keepPromises } from './promises'
import type { Terminal } from './show/terminal'

const execute =
  (terminal: Terminal) =>
  (command: Command): T.Task<boolean> => {
    switch (command._tag) {
      case 'Help':
        return T.fromIO(() => {
          terminal.print(usage.trimStart())
          return true
        })
      case 'Play':
        return keepPromises(terminal)
      case 'Poll':
        return pollUntilDone(command, terminal)
    }
  }

const refuse =
  ({ complain }: Terminal) =>
  (problems: ReadonlyArray<string>): T.Task<number> =>
    T.fromIO(() => {
      problems.forEach((problem) => complain(`demo: ${problem}`))
      complain(usage)
      return 2
    })

/** 0: as promised; 1: not so; 2: the arguments cannot be. */
export const cli = (args: ReadonlyArray<string>, terminal: Terminal): T.Task<number> =>
  pipe(
    parse(args),
    E.match(refuse(terminal), (command) =>
      pipe(
        execute(terminal)(command),
        T.map((kept) => (kept ? 0 : 1))
      )
    )
  )
