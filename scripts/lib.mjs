// What the scripts share. Node's own modules only: `npm run demo` uses this before anything is installed.
import { spawn } from 'node:child_process'
import { readdirSync, existsSync, statSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The top of the repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** TypeScript 7 (type-checks and builds), and TypeScript 6 (everything that needs the compiler's API). */
export const tsc7 = join(root, 'node_modules', 'typescript7', 'bin', 'tsc')
export const tsc6 = join(root, 'node_modules', 'typescript', 'bin', 'tsc')

/** A path below the top, with forward slashes. */
export const shown = (path) => relative(root, path).split(sep).join('/')

/** Every file below a folder, sorted, as absolute paths. */
export const walk = (folder) =>
  existsSync(folder)
    ? readdirSync(folder)
        .sort()
        .flatMap((name) => {
          const path = join(folder, name)
          return statSync(path).isDirectory() ? walk(path) : [path]
        })
    : []

/** Runs a command and captures what it prints: `output` is all of it. */
export const run = (command, args, options = {}) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    const chunks = []
    const stdout = []
    child.stdout.on('data', (chunk) => {
      chunks.push(chunk)
      stdout.push(chunk)
    })
    child.stderr.on('data', (chunk) => chunks.push(chunk))
    child.on('error', (error) => resolve({ code: 1, output: `${command}: ${error.message}\n`, stdout: '' }))
    child.on('close', (code, signal) =>
      resolve({
        code: code ?? 1,
        output: Buffer.concat(chunks).toString() + (signal ? `killed by ${signal}\n` : ''),
        stdout: Buffer.concat(stdout).toString()
      })
    )
  })

/** Runs a command that owns the terminal. */
export const runInherited = (command, args, options = {}) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, ...options, stdio: 'inherit' })
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`)
      resolve({ code: 1, signal: null })
    })
    child.on('close', (code, signal) => resolve({ code: code ?? 1, signal }))
  })
