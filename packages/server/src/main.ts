#!/usr/bin/env node
/** The process: hands its words, settings and terminal to the command line. */
import { runCli } from './cli/run-cli.ts'

const { argv, env, stdin, stdout, stderr } = process
process.exitCode = await runCli({ args: argv.slice(2), env, terminal: { stdin, stdout, stderr } })
