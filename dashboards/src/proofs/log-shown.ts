// The log as this service shows it: its checkpoint, who vouches for it, and whether it goes on from its anchors.
import { base64, text, utf8 } from './bytes'
import { consistencyProof, ServedLog, servedCheckpoint } from './log-files'
import { type Checkpoint, type Note, readCheckpoint, readNote, signedBy } from './note'
import { policyOfLogs, readKeys, readPolicy } from './policy'
import { continues } from './tree'
import { ownLog, whom } from './whom'

/** An anchor's newest checkpoint, held against the log as it is now. */
export interface AnchorShown {
  anchor: string
  size: number
  recorded: string
  receipts: unknown[]
  holds: 'right' | 'wrong' | 'unread'
}

export interface LogShown {
  origin: string
  size: number
  root: string
  /** The log's own signature by the keys somebody named, or else the service. */
  signed: string[]
  cosigned: { name: string; when?: Date }[]
  /** Names below the checkpoint whose keys are not known here. */
  claims: string[]
  keys: string[]
  anchors: AnchorShown[]
}

export async function logShown(): Promise<LogShown> {
  const files = new ServedLog(ownLog())
  const [checkpoint, keyFile, anchorFile, believed] = await Promise.all([
    servedCheckpoint(files),
    files.read('keys.txt'),
    files.read('anchors'),
    whom(),
  ])
  const note = readNote(checkpoint)
  const tree = readCheckpoint(note.text)
  const keys = (keyFile && text(keyFile)) ?? ''
  const written = believed.policy ?? believed.serverPolicy
  const policy = written === undefined ? policyOfLogs([]) : readPolicy(written)
  const logs = believed.policy === undefined ? readKeys('keys.txt', keys) : policy.logs
  const witnesses = signedBy(
    note,
    policy.witnesses.map(({ key }) => key),
  )
  const known = new Set([...logs, ...policy.witnesses.map(({ key }) => key)].map(({ id }) => id))
  const cosigned = witnesses.map(({ key, seconds }) => ({
    name: key.name,
    ...(seconds !== undefined && { when: new Date(seconds * 1000) }),
  }))
  return {
    ...{ origin: tree.origin, size: tree.size, root: base64(tree.root) },
    signed: signedBy(note, logs).map(({ key }) => key.name),
    cosigned,
    claims: note.signatures.filter(({ id }) => !known.has(id)).map(({ name }) => name),
    keys: keys.split('\n').filter((key) => key !== ''),
    anchors: await anchorsShown(anchorFile, files, tree, logs),
  }
}

interface AnchorLine {
  anchor: string
  events: number
  recorded: string
  checkpoint: string
  receipts: unknown[]
}

async function anchorsShown(
  file: Uint8Array | undefined,
  files: ServedLog,
  now: Checkpoint,
  logs: Parameters<typeof signedBy>[1],
): Promise<AnchorShown[]> {
  const lines: AnchorLine[] = file ? JSON.parse(text(file) ?? '[]') : []
  return Promise.all(
    lines.map(async ({ anchor, events, recorded, checkpoint, receipts }) => {
      const note = readNote(utf8(checkpoint))
      const holds = await holdsStill(note, files, now, logs)
      return { anchor, size: events, recorded, receipts, holds }
    }),
  )
}

/** Whether the log as it is now begins with the tree that was anchored. */
async function holdsStill(
  note: Note,
  files: ServedLog,
  now: Checkpoint,
  logs: Parameters<typeof signedBy>[1],
): Promise<AnchorShown['holds']> {
  const old = readCheckpoint(note.text)
  try {
    const signed = signedBy(note, logs).length > 0
    const path = await consistencyProof(files, old.size, now.size)
    return signed && path && continues(old, now, path) ? 'right' : 'wrong'
  } catch {
    return 'unread'
  }
}
