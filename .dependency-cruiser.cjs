'use strict'

// The house, from the ground up. A file may import files of its own rank and of those below, never of those above.
// Every file of src has to be in exactly one rank.
const ranks = [
  {
    name: 'ground',
    path: '^src/(Policy|Protocol|Event|Report|Duration|Rejection|Problem|Path|Rule|Runtime|Exit|StopReason|Random|Callback|Crash|DecodeProblems|Decoder|Tag|Standing|Strategy|Observer|Succession|Flag|Cause|ErrorText|Store|Cell|Agreement|Queueing|CircuitReason|Layers|Limit|Nesting)\\.ts$'
  },
  { name: 'building blocks', path: '^src/(schedule|trip)/' },
  { name: 'log', path: '^src/Log\\.ts$' },
  { name: 'recurrence', path: '^src/recurrence/' },
  { name: 'strategies', path: '^src/strategy/' },
  { name: 'whole policies', path: '^src/policy/' },
  { name: 'interpreter', path: '^src/interpreter/' },
  { name: 'runner', path: '^src/(Runner\\.ts$|runtime/)' },
  { name: 'ways of use', path: '^src/use/' },
  { name: 'face', path: '^src/face/' },
  { name: 'entry points', path: '^src/(index\\.ts$|http/|codec/)' },
  { name: 'testing', path: '^src/testing/' }
]

const anyOf = (list) => list.map(({ path }) => path).join('|')

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...ranks.slice(0, -1).map(({ name, path }, i) => ({
      name: `${name}: arrows go down only`,
      severity: 'error',
      from: { path },
      to: { path: anyOf(ranks.slice(i + 1)) }
    })),
    {
      name: 'every file has a rank (imported)',
      comment: 'a new file has to be put into one of the ranks of .dependency-cruiser.cjs',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: anyOf(ranks) }
    },
    {
      name: 'every file has a rank (importing)',
      severity: 'error',
      from: { path: '^src/', pathNot: anyOf(ranks) },
      to: {}
    },
    {
      name: 'strategies do not import each other',
      severity: 'error',
      from: { path: '^src/strategy/([^/.]+)' },
      to: { path: '^src/strategy/', pathNot: '^src/strategy/$1[/.]' }
    },
    {
      name: 'no cycles',
      severity: 'error',
      from: {},
      to: { circular: true }
    },
    {
      name: 'only fp-ts and io-ts from outside',
      severity: 'error',
      from: { path: '^src/' },
      to: { pathNot: ['^src/', '(^|/)node_modules/(fp-ts|io-ts)/'] }
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true }
    }
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // type-only imports count
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.build.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'require', 'node', 'default'] }
  }
}
