'use strict'

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // jest would leave one core to itself, and of two cores that is half
  maxWorkers: '100%',
  // no timing is an assertion: a slow machine is no failure, and a hang is still found
  testTimeout: 120_000,
  // transpile only: `npm run typecheck` checks the types of src, test and examples
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.jest.json' }] },
  moduleNameMapper: {
    '^resilience-ts$': '<rootDir>/src/index.ts',
    '^resilience-ts/(.*)$': ['<rootDir>/src/$1/index.ts', '<rootDir>/src/face/$1.ts', '<rootDir>/src/$1.ts']
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/build/(?!examples-src/)', '<rootDir>/coverage/'],
  // the examples of the docs become modules, which test/examples.test.ts runs
  globalSetup: '<rootDir>/scripts/jest-setup.mjs',
  coverageProvider: 'babel',
  collectCoverageFrom: ['<rootDir>/src/**/*.ts'],
  coverageDirectory: '<rootDir>/coverage',
  coverageReporters: ['text', 'lcov']
}
