'use strict'

const assert = require('assert')
const E = require('fp-ts/Either')
const TE = require('fp-ts/TaskEither')
const { pipe } = require('fp-ts/function')
const { Policy, Runner, Runtime, Schedule } = require('resilience-ts')

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

runner
  .run(operation)()
  .then((result) => {
    assert.deepStrictEqual(result, E.right(3))
    assert.strictEqual(typeof require('resilience-ts/testing'), 'object')
    const { CircuitSnapshot } = require('resilience-ts/codec')
    const circuit = { _tag: 'Disabled', generation: 1 }
    assert.ok(E.isRight(CircuitSnapshot.decode({ _tag: 'CircuitSnapshot', savedAt: 0, circuit })))
    assert.ok(E.isLeft(CircuitSnapshot.decode({})))
    assert.strictEqual(require('resilience-ts/package.json').name, 'resilience-ts')
    console.log('ok cjs')
  })
  .catch((error) => {
    console.error(error)
    process.exitCode = 1
  })
