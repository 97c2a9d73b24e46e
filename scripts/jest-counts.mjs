// A jest reporter: writes how many tests passed and failed to the file that COUNTS_FILE names, for scripts/test.mjs.
import { writeFileSync } from 'node:fs'

export default class Counts {
  onRunComplete(_contexts, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites }) {
    const counts = { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites }
    writeFileSync(process.env.COUNTS_FILE, JSON.stringify(counts))
  }
}
