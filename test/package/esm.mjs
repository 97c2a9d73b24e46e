import assert from 'node:assert'
import { createRequire } from 'node:module'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { pipe } from 'fp-ts/lib/function.js'
import { Policy, Runner, Runtime, Schedule } from 'resilience-ts'
import * as testing from 'resilience-ts/testing'

const policy = pipe(Policy.id(), Policy.timeout(1000), Policy.retry(pipe(Schedule.constant(1), Schedule.take(2))))
const runner = Runner.make(policy)(Runtime.live)()

let calls = 0
const operation = TE.tryCatch(
  async () => {
    if (++calls < 3) throw new Error('busy')
    return calls
  },
  (error) => error.message
)
assert.deepStrictEqual(await runner.run(operation)(), E.right(3))

// one instance, whichever way it is taken
const require = createRequire(import.meta.url)
assert.strictEqual(require('resilience-ts').Policy, Policy)
assert.strictEqual(require('resilience-ts').Runner.make, Runner.make)
assert.strictEqual(require('fp-ts/Either').right, E.right)
assert.ok(Object.keys(testing).length > 0)
console.log('ok esm')
