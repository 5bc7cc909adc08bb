// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { unpack } from './archive'
import { concat, utf8 } from './bytes'
import { check } from './check'
import { type LogFiles, ServedLog, tileName } from './log-files'
import { historyTar, sample, sampleLog, sampleText } from './samples/files'
import { MADE_KEY, MadeLog } from './samples/made-log'
import { pack, reseal, rewrite } from './samples/tar'
import type { Verdict } from './verdict'

const policy = sampleText('policy')
const serverKeys = sampleText('keys.txt')
const madePolicy = `log ${MADE_KEY}\nquorum none\n`
const codes = (said: { code: string }[]) => said.map(({ code }) => code)
const LIMITS = ['limit_never_logged', 'limit_sealed', 'limit_times']

describe('what the program gave out', () => {
  it('a receipt is right by a policy from elsewhere, with both cosignatures', async () => {
    const verdict = await check(sample('receipt'), { policy, log: sampleLog })
    expect(verdict.outcome).toBe('right')
    expect(verdict.right?.code).toBe('right_text')
    expect(codes(verdict.checked)).toEqual([
      'checked_line',
      'checked_digests',
      'checked_signature',
      'checked_cosignature',
      'checked_cosignature',
      'checked_continues',
    ])
    expect(codes(verdict.notChecked)).toEqual(['not_chain_and_tag', 'not_afterwards', ...LIMITS])
  })

  it('a proof without its line is right, and what the event says is not checked', async () => {
    const verdict = await check(sample('proof'), { policy })
    expect(verdict.outcome).toBe('right')
    expect(codes(verdict.notChecked)).toContain('not_what_it_says')
    expect(codes(verdict.notChecked)).toContain('not_continued')
  })

  it('by the keys of the same server a receipt is right in itself only', async () => {
    const verdict = await check(sample('receipt'), { serverKeys })
    expect(verdict.outcome).toBe('right_in_itself')
    expect(codes(verdict.notChecked)).toContain('not_server_keys')
    expect(codes(verdict.notChecked)).toContain('not_witnessed')
  })

  it('a history is all there is, and progress is told', async () => {
    const told: [number, number][] = []
    const progress = (done: number, all: number) => told.push([done, all])
    const against = { policy, log: sampleLog, progress }
    const verdict = await check(sample('history.tar.gz'), against)
    expect(verdict.outcome).toBe('right')
    expect(verdict.right?.code).toBe('right_bundle_all')
    expect(codes(verdict.notChecked)).toEqual(['not_after_checkpoint', ...LIMITS])
    expect(told.at(-1)).toEqual([169, 169])
  })

  it('without the log a history is right, and that it is whole was not checked', async () => {
    const verdict = await check(historyTar(), {})
    expect(verdict.outcome).toBe('right_in_itself')
    expect(verdict.right?.code).toBe('right_bundle')
    expect(codes(verdict.notChecked)).toContain('not_complete')
    expect(codes(verdict.notChecked)).toContain('not_own_keys')
  })
})

/** The history after somebody has changed it, the manifest speaking of what it is now. */
function damaged(change: (folder: ReturnType<typeof unpack>) => void, sealed = true): Uint8Array {
  const folder = unpack(historyTar())
  change(folder)
  if (sealed) reseal(folder)
  return pack(folder)
}

const onLines = (change: (lines: string[]) => string[]) => (text: string) =>
  `${change(text.slice(0, -1).split('\n')).join('\n')}\n`
/** The samples' positions: of the line whose index this is. */
const positions = unpack(historyTar()).get('positions') ?? new Uint8Array()
const position = (index: number) => Number(new TextDecoder().decode(positions).split('\n')[index])
const other = (c: string) => (c === 'A' ? 'B' : 'A')
const flip = (text: string) => text.replace(/^.(?=.{43}$)/m, other)
const without = (index: number) => (folder: ReturnType<typeof unpack>) => {
  rewrite(
    folder,
    'events.jsonl',
    onLines((lines) => lines.toSpliced(index, 1)),
  )
  rewrite(
    folder,
    'positions',
    onLines((lines) => lines.toSpliced(index, 1)),
  )
}

/** Each damage, and the first reason it is refused with. */
const DAMAGES: [string, () => Uint8Array, string, { log?: LogFiles; policy?: string }?][] = [
  [
    'a word of a line was changed',
    () => damaged((f) => rewrite(f, 'events.jsonl', (t) => t.replace('TREAT', 'TREAX'))),
    'leaf_digests',
  ],
  [
    'a space was added to a line',
    () => damaged((f) => rewrite(f, 'events.jsonl', (t) => t.replace(',"id"', ', "id"'))),
    'line_not_canonical',
  ],
  [
    'a member of a line is gone',
    () => damaged((f) => rewrite(f, 'events.jsonl', (t) => t.replace(/"salt":"[0-9a-f]*",/, ''))),
    'line_member',
  ],
  ['a line in the middle was taken out', () => damaged(without(5)), 'chain_version'],
  ['the newest line was withheld', () => damaged(without(38)), 'withheld', { log: sampleLog }],
  [
    'two lines have changed places',
    () =>
      damaged((f) =>
        rewrite(
          f,
          'events.jsonl',
          onLines(([a = '', b = '', ...rest]) => [b, a, ...rest]),
        ),
      ),
    'chain_version',
  ],
  [
    'the line of another stream was slipped in',
    () =>
      damaged((f) =>
        rewrite(f, 'events.jsonl', (t) =>
          t.replace(/"stream":"patient-01/, '"stream":"patient-02'),
        ),
      ),
    'line_of_other_stream',
  ],
  [
    'a hash of a proof was changed',
    () => damaged((f) => rewrite(f, `proofs/${position(7)}.tlog-proof`, flip)),
    'path',
  ],
  [
    'the proof of another line lies in its place',
    () =>
      damaged((f) =>
        f.set(
          `proofs/${position(7)}.tlog-proof`,
          f.get(`proofs/${position(8)}.tlog-proof`) as Uint8Array,
        ),
      ),
    'proof_other_place',
  ],
  [
    'a proof is gone',
    () => damaged((f) => void f.delete(`proofs/${position(7)}.tlog-proof`)),
    'unproved',
  ],
  [
    "the checkpoint's root was changed",
    () => damaged((f) => rewrite(f, 'log/checkpoint', (t) => t.replace(/^.(?=.{43}$)/m, other))),
    'bad_signature',
  ],
  [
    'a cosignature was changed',
    () => damaged((f) => rewrite(f, 'log/checkpoint', (t) => t.replace(/.(?=.{9}\n$)/, other))),
    'bad_signature',
    { policy },
  ],
  [
    'a cosignature was taken out',
    () => damaged((f) => rewrite(f, 'log/checkpoint', (t) => t.replace(/\u2014 witness2.*\n/, ''))),
    'no_quorum',
    { policy },
  ],
  ['another log has signed', () => historyTar(), 'no_log_signed', { policy: madePolicy }],
  [
    'a file is not the one of the manifest',
    () => damaged((f) => rewrite(f, 'README.txt', (t) => `${t}more\n`), false),
    'file_digest',
  ],
  [
    'the key of another stream came along',
    () => damaged((f) => rewrite(f, 'stream-keys', (t) => t.replace(/[0-9a-f]{8}$/m, '00000000'))),
    'leaf_tag',
  ],
  [
    'the positions are one fewer',
    () =>
      damaged((f) =>
        rewrite(
          f,
          'positions',
          onLines((lines) => lines.slice(0, -1)),
        ),
      ),
    'no_position',
  ],
  [
    'a leaf of the log was changed',
    () => historyTar(),
    'leaf_not_held',
    { log: changedLog((bytes) => bytes.fill(0, 102 * position(3) + 60, 102 * position(3) + 61)) },
  ],
  [
    'a tag stands twice in the log',
    () => historyTar(),
    'tag_twice',
    {
      log: changedLog((bytes) =>
        bytes.copyWithin(102 * 150, 102 * position(3), 102 * (position(3) + 1)),
      ),
    },
  ],
  [
    'the log has leaves of another log',
    () => historyTar(),
    'root_differs',
    { log: changedLog((bytes) => bytes.fill(0, 102 * 2 + 60, 102 * 2 + 61)) },
  ],
]

/** The samples' log, its leaves changed. */
function changedLog(change: (bytes: Uint8Array) => void): LogFiles {
  const bytes = sample(`log/${tileName('entries', 0, 169)}`)
  change(bytes)
  return { read: async (name) => (name.includes('entries') ? bytes : sampleLog.read(name)) }
}

describe('damages', () => {
  it.each(DAMAGES)('%s', async (_, made, code, against = {}) => {
    const verdict = await check(made(), against)
    expect(verdict.outcome).toBe('wrong')
    expect(codes(verdict.wrong)).toContain(code)
  })

  it('what has a position is named first', async () => {
    const verdict = await check(
      damaged((f) => rewrite(f, 'events.jsonl', (t) => t.replace('TREAT', 'TREAX')), false),
      {},
    )
    expect(codes(verdict.wrong)).toEqual(['leaf_digests', 'file_digest'])
    expect(verdict.wrong[0]?.position).toBeGreaterThan(0)
  })

  it("each of a receipt's parts is held against the others", async () => {
    const receipt = sampleText('receipt')
    const changed = (from: string | RegExp, to: string) => {
      const after = receipt.replace(from, to)
      expect(after).not.toBe(receipt)
      return check(utf8(after), { policy })
    }
    const first = (verdict: Verdict) => verdict.wrong[0]?.code
    expect(first(await changed('TREAT', 'HRESCH'))).toBe('leaf_digests')
    expect(first(await changed(/^index [0-9]+/m, 'index 7'))).toBe('path')
    expect(first(await changed(/(?<=index [0-9]+\n)./, 'x'))).toBe('path')
    expect(first(await changed(/(?<=\n)[0-9]+(?=\n.{44}\n\n)/, '168'))).toMatch(
      /path|bad_signature/,
    )
    expect(first(await changed(/\u2014 witness1.*\n/, ''))).toBe('no_quorum')
    expect(first(await changed(/\u2014 medlock.*\n/, ''))).toBe('no_log_signed')
  })

  it('a log that was rewritten, or is shorter than it was, is told', async () => {
    const old = utf8(new MadeLog(300).receipt(17, 200))
    const first = async (log: MadeLog) => check(old, { policy: madePolicy, log: log.files() })
    expect((await first(new MadeLog(300))).outcome).toBe('right')
    expect(codes((await first(new MadeLog(300, 'other'))).wrong)).toEqual(['log_rewritten'])
    expect(codes((await first(new MadeLog(150))).wrong)).toEqual(['log_shorter'])
  })

  it('a policy that is none is told with its line', async () => {
    const verdict = await check(sample('receipt'), { policy: 'log x\nquorum none\n' })
    expect(verdict.wrong[0]).toMatchObject({ code: 'policy_line', values: { line: 1 } })
  })
})

describe('what could not be looked at is never called wrong', () => {
  const unread = async (given: Uint8Array, against: Parameters<typeof check>[1] = { policy }) => {
    const verdict = await check(given, against)
    expect(verdict.wrong).toEqual([])
    expect(verdict.outcome).toBe('not_looked_at')
    return verdict.couldNotLook[0]?.code
  }
  const broken = (status: number) =>
    new ServedLog('http://log.example/', async () => new Response('', { status }))

  it('a receipt that was cut anywhere', async () => {
    const receipt = sample('receipt')
    for (let end = 0; end < receipt.length - 1; end += 1) {
      const cut = receipt.subarray(0, end)
      const verdict = await check(cut, { serverKeys })
      // What ends with a whole signature is a receipt with fewer of them.
      const whole = verdict.outcome === 'right_in_itself'
      expect(whole || verdict.outcome === 'not_looked_at', `cut at ${end}`).toBe(true)
    }
  })

  it('a history that was cut anywhere, packed or not', async () => {
    const tar = historyTar()
    for (let end = 0; end < tar.length - 1024; end += 997) {
      expect(await unread(tar.subarray(0, end)), `cut at ${end}`).toMatch(/cut_off|no_evidence/)
    }
    const packed = sample('history.tar.gz')
    for (let end = 20; end < packed.length; end += 997) await unread(packed.subarray(0, end))
  })

  it('lines that break off within the bundle', async () => {
    const made = damaged((f) => rewrite(f, 'events.jsonl', (t) => t.slice(0, -40)), false)
    expect(await unread(made)).toBe('cut_off')
  })

  it('another file, a manifest of tomorrow, an export of the whole log', async () => {
    expect(await unread(utf8('<!doctype html>'))).toBe('no_evidence')
    expect(await unread(new Uint8Array(4096).fill(65))).toBe('no_evidence')
    const format = (f: ReturnType<typeof unpack>) =>
      rewrite(f, 'manifest.json', (t) => t.replace('"format":2', '"format":3'))
    expect(await unread(damaged(format, false))).toBe('manifest_format')
    const whole = (f: ReturnType<typeof unpack>) =>
      rewrite(f, 'manifest.json', (t) => t.replace(/,"streams":\[.*?\]/, ''))
    expect(await unread(damaged(whole, false))).toBe('whole_log')
  })

  it('a log that does not answer, or has not all its files', async () => {
    const dead = new ServedLog('http://log.example/', async () => {
      throw new TypeError('no route')
    })
    const history = sample('history.tar.gz')
    expect(await unread(history, { policy, log: dead })).toBe('log_unreachable')
    expect(await unread(history, { policy, log: broken(503) })).toBe('log_unreachable')
    expect(await unread(history, { policy, log: broken(404) })).toBe('tile_missing')
    expect(await unread(sample('receipt'), { policy, log: broken(404) })).toBe('no_checkpoint')
  })

  it('a receipt without anybody to believe', async () => {
    expect(await unread(sample('receipt'), {})).toBe('no_keys')
  })

  it('an entry that is no plain file', async () => {
    const folder = unpack(historyTar())
    folder.set('../../etc/passwd', utf8('x'))
    expect(await unread(pack(folder))).toBe('odd_entry')
  })
})

describe('text as it comes by mail', () => {
  const crlf = (text: string) => utf8(text.replaceAll('\n', '\r\n'))
  it('a mark, other ends of lines, no end of the last line', async () => {
    const receipt = sampleText('receipt')
    const mark = Uint8Array.of(0xef, 0xbb, 0xbf)
    for (const bytes of [crlf(receipt), concat(mark, utf8(receipt)), utf8(receipt.slice(0, -1))]) {
      expect((await check(bytes, { policy })).outcome).toBe('right')
    }
    const history = damaged((f) => {
      for (const name of ['events.jsonl', 'positions', 'keys.txt', 'log/checkpoint']) {
        f.set(name, crlf(new TextDecoder().decode(f.get(name))))
      }
    }, false)
    expect((await check(history, { policy, log: sampleLog })).outcome).toBe('right')
  })
})
