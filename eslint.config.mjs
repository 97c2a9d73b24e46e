import js from '@eslint/js'
import tseslint from 'typescript-eslint'

// The clock, the timers and chance come in through the runtime: only this file of src may touch them.
const live = 'src/runtime/Live.ts'

const effects = [
  'Date',
  'performance',
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'queueMicrotask'
]
const environment = ['process', 'console', 'Buffer', '__dirname', '__filename', 'require']
const fromRuntime = `only ${live} may use it: take it from the runtime`

export default tseslint.config(
  { ignores: ['node_modules/', 'dist/', 'build/', 'coverage/', 'reports/'] },
  js.configs.recommended,
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{js,cjs,mjs}'],
    languageOptions: {
      globals: Object.fromEntries(
        ['Buffer', 'URL', 'console', 'performance', 'process', 'setTimeout', 'clearTimeout', 'setImmediate'].map(
          (name) => [name, 'readonly']
        )
      )
    }
  },
  {
    files: ['**/*.{js,cjs}'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { __dirname: 'readonly', exports: 'writable', module: 'writable', require: 'readonly' }
    }
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname }
    },
    rules: {
      '@typescript-eslint/array-type': ['error', { default: 'generic' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // `id: <E, A>() => Policy<E, A>` is how a pipeable constructor is written
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // overloads are separate so that each infers, and each has its own doc
      '@typescript-eslint/unified-signatures': 'off'
    }
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      'no-restricted-globals': [
        'error',
        ...effects.map((name) => ({ name, message: fromRuntime })),
        ...environment.map((name) => ({ name, message: 'the library runs in browsers as well' }))
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: fromRuntime },
        { object: 'AbortSignal', property: 'timeout', message: fromRuntime },
        { object: 'AbortSignal', property: 'any', message: 'it leaks while a listener stays: forward by hand' },
        ...['globalThis', 'window', 'self', 'global'].flatMap((object) =>
          effects.map((property) => ({ object, property, message: fromRuntime }))
        )
      ]
    }
  },
  {
    files: [live],
    rules: { 'no-restricted-globals': 'off', 'no-restricted-properties': 'off' }
  },
  {
    files: ['test/**/*.ts', 'examples/**/*.ts', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off'
    }
  }
)
