/** Whom we believe: a c2sp.org/tlog-policy file names logs, witnesses and how many of them must have signed. */

import { hex } from './bytes'
import {
  type Checkpoint,
  FormError,
  LOG,
  type Note,
  readAs,
  readCheckpoint,
  readKey,
  signedBy,
  type VerifierKey,
  WITNESS,
} from './note'
import { Problem } from './verdict'

type Rule = { witness: string } | { threshold: number; members: Rule[] }

interface Witness {
  name: string
  key: VerifierKey
}

/** A policy. Without a rule no cosignature is asked for. */
export interface Policy {
  logs: VerifierKey[]
  witnesses: Witness[]
  rule?: Rule
}

/** A policy that believes these logs and asks for no witness. */
export function policyOfLogs(logs: VerifierKey[]): Policy {
  return { logs, witnesses: [] }
}

/** Reads verifier keys, one a line. */
export function readKeys(file: string, written: string): VerifierKey[] {
  const lines = written.split('\n').filter((line) => line !== '')
  return readAs(file, () => lines.map(readKey))
}

/** Reads a policy file. */
export function readPolicy(written: string): Policy {
  const reading = new Reading()
  const rows = written.split(/\r?\n/)
  rows.forEach((row, index) => {
    const words = row.split(/[ \t]+/).filter((word) => word !== '')
    const [kind, ...rest] = words
    if (kind === undefined || kind.startsWith('#')) return
    try {
      reading.take(kind, rest)
    } catch (error) {
      if (!(error instanceof FormError)) throw error
      throw new Problem('policy_line', { line: index + 1, why: error.message })
    }
  })
  if (!reading.quorumSeen) {
    throw new Problem('policy_line', { line: rows.length, why: 'there is no quorum line' })
  }
  return reading.policy
}

class Reading {
  policy: Policy = { logs: [], witnesses: [] }
  quorumSeen = false
  /** What a name stands for, until a group takes it in: a name counts once. */
  private names = new Map<string, Rule | undefined>()

  take(kind: string, rest: string[]) {
    const [first = '', second = '', ...more] = rest
    if (kind === 'log' && (rest.length === 1 || rest.length === 2)) {
      const key = this.key(first, LOG, this.policy.logs)
      this.policy.logs.push(key)
    } else if (kind === 'witness' && (rest.length === 2 || rest.length === 3)) {
      const taken = this.policy.witnesses.map((witness) => witness.key)
      const key = this.key(second, WITNESS, taken)
      this.name(first, { witness: first })
      this.policy.witnesses.push({ name: first, key })
    } else if (kind === 'group' && more.length > 0) {
      this.name(first, this.group(second, more))
    } else if (kind === 'quorum' && rest.length === 1) {
      this.quorum(first)
    } else {
      throw new FormError(`"${kind}" and what follows it say nothing a policy can say`)
    }
  }

  /** Two names for one key would let one party count twice. */
  private key(written: string, kind: number, taken: VerifierKey[]): VerifierKey {
    const key = readKey(written)
    if (key.kind !== kind) throw new FormError('the key is of the wrong kind here')
    const bytes = hex(key.key)
    if (taken.some((other) => hex(other.key) === bytes))
      throw new FormError('the key is there already')
    return key
  }

  private name(name: string, rule: Rule) {
    if (name === 'none' || this.names.has(name)) throw new FormError(`the name ${name} is taken`)
    this.names.set(name, rule)
  }

  private member(name: string): Rule {
    const rule = this.names.get(name)
    if (!rule) throw new FormError(`${name} is not named before, or in a group already`)
    this.names.set(name, undefined)
    return rule
  }

  private group(count: string, names: string[]): Rule {
    const known: Record<string, number> = { any: 1, all: names.length }
    const threshold = known[count] ?? (/^[0-9]+$/.test(count) ? Number(count) : 0)
    if (threshold < 1 || threshold > names.length)
      throw new FormError(`${count} of ${names.length}`)
    return { threshold, members: names.map((name) => this.member(name)) }
  }

  private quorum(name: string) {
    if (this.quorumSeen) throw new FormError('there is a quorum line already')
    this.quorumSeen = true
    if (name !== 'none') this.policy.rule = this.member(name)
  }
}

/** A checkpoint that a policy believes, and which witnesses have cosigned it, when in Unix seconds. */
export interface Believed {
  checkpoint: Checkpoint
  cosigned: { name: string; seconds: number }[]
}

/** Judges a checkpoint. */
export function judge(policy: Policy, note: Note): Believed {
  const checkpoint = readAs('log/checkpoint', () => readCheckpoint(note.text))
  const logs = signedBy(note, policy.logs)
  const [first] = logs
  if (!first) throw new Problem('no_log_signed', { origin: checkpoint.origin })
  if (logs.every(({ key }) => key.name !== checkpoint.origin)) {
    throw new Problem('other_origin', { signer: first.key.name, origin: checkpoint.origin })
  }
  const cosigned: Believed['cosigned'] = []
  for (const { name, key } of policy.witnesses) {
    const [signed] = signedBy(note, [key])
    if (signed?.seconds !== undefined) cosigned.push({ name, seconds: signed.seconds })
  }
  const names = new Set(cosigned.map(({ name }) => name))
  if (policy.rule && !fulfils(policy.rule, names)) {
    throw new Problem('no_quorum', { signed: names.size, known: policy.witnesses.length })
  }
  return { checkpoint, cosigned }
}

function fulfils(rule: Rule, cosigned: Set<string>): boolean {
  if ('witness' in rule) return cosigned.has(rule.witness)
  return rule.members.filter((member) => fulfils(member, cosigned)).length >= rule.threshold
}
