// What anybody can check without an account, in the browser: receipts, proofs, histories, the log itself.
import type { Page } from '@playwright/test'
import { type Folder, unpack } from '../src/proofs/archive'
import { pack, reseal, rewrite } from '../src/proofs/samples/tar'
import { expect, PASSWORD, type Service, test } from './service'

const ANNELIESE = 'anneliese@kowalczyk.example'

/** Asks the service as a machine would: what a person was given some day. */
async function given(service: Service) {
  const api = `${service.url}/api/v1`
  const opened = await fetch(`${api}/sessions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: ANNELIESE, password: PASSWORD, client: 'machine' }),
  })
  const { access_token } = await opened.json()
  const ask = async (path: string) => {
    const headers = { Authorization: `Bearer ${access_token}` }
    const answer = await fetch(`${api}/${path}`, { headers })
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
    return answer
  }
  const me = (await (await ask('me')).json()).account
  const { items } = await (await ask(`patients/${me}/consents?which=in_force`)).json()
  const bytes = async (path: string) => new Uint8Array(await (await ask(path)).arrayBuffer())
  return {
    receipt: await bytes(`patients/${me}/consents/${items[0].consent}/receipt`),
    proof: await bytes('log/inclusion?position=5'),
    history: await bytes(`patients/${me}/history-bundle`),
    policy: `log ${(await (await fetch(`${service.url}/log/keys.txt`)).text()).trim()}\nquorum none\n`,
  }
}

/** Drops a file on the page; answers what came out. */
async function checked(page: Page, name: string, bytes: Uint8Array) {
  const file = { name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) }
  await page.locator('input[type=file]').first().setInputFiles(file)
  await expect(page.getByText(`File: ${name}`)).toBeVisible()
  const verdict = page.locator('[data-outcome]')
  await expect(verdict).toBeVisible()
  return verdict
}

test('anybody checks a receipt, a proof and a history, and hears what was not checked', async ({
  page,
  service,
}) => {
  const { receipt, proof, history, policy } = await given(service)
  await page.goto('/check')
  for (const [name, bytes] of [
    ['a.receipt', receipt],
    ['a.tlog-proof', proof],
    ['history.tar', history],
  ] as const) {
    const verdict = await checked(page, name, bytes)
    await expect(verdict).toHaveAttribute('data-outcome', 'right_in_itself')
    await expect(verdict).toContainText('Not checked')
    await expect(verdict).toContainText('whose keys these are')
    await expect(verdict).toContainText('what was never logged')
  }
  // With keys from somebody else, it is right without more ado.
  await page.getByLabel(/^Policy/).fill(policy)
  await page.getByRole('button', { name: 'Check it again' }).click()
  const verdict = page.locator('[data-outcome=right]')
  await expect(verdict).toContainText('are all that medlock.invalid/log has of this record')
  await expect(verdict).not.toContainText('whose keys these are')
})

const lines = (change: (lines: string[]) => string[]) => (text: string) =>
  `${change(text.slice(0, -1).split('\n')).join('\n')}\n`
const other = (c: string) => (c === 'A' ? 'B' : 'A')
const without = (folder: Folder, index: number) => {
  rewrite(
    folder,
    'events.jsonl',
    lines((all) => all.toSpliced(index, 1)),
  )
  rewrite(
    folder,
    'positions',
    lines((all) => all.toSpliced(index, 1)),
  )
}
const aProof = (folder: Folder) => [...folder.keys()].filter((name) => name.startsWith('proofs/'))

/** Ten damages of a history, the list within it made to fit, and what each is told as. */
const DAMAGES: [string, (folder: Folder) => void, RegExp][] = [
  [
    'a word was changed',
    (f) => rewrite(f, 'events.jsonl', (t) => t.replace('TREAT', 'TREAX')),
    /not the one in the log: it was changed/,
  ],
  [
    'a space was added',
    (f) => rewrite(f, 'events.jsonl', (t) => t.replace(',"id"', ', "id"')),
    /not in its canonical form/,
  ],
  ['a line was taken out', (f) => without(f, 4), /a line is missing before version 5/],
  ['the newest was withheld', (f) => without(f, -1), /kept from you/],
  [
    'two lines changed places',
    (f) =>
      rewrite(
        f,
        'events.jsonl',
        lines(([a = '', b = '', ...c]) => [b, a, ...c]),
      ),
    /a line is missing before version 1/,
  ],
  [
    'a path was changed',
    (f) => rewrite(f, aProof(f)[3] ?? '', (t) => t.replace(/^.(?=.{43}$)/m, other)),
    /does not lead to the signed checkpoint/,
  ],
  [
    'proofs changed places',
    (f) => f.set(aProof(f)[3] ?? '', f.get(aProof(f)[4] ?? '') as Uint8Array),
    /is of another place/,
  ],
  [
    'the root was changed',
    (f) => rewrite(f, 'log/checkpoint', (t) => t.replace(/^.(?=.{43}$)/m, other)),
    /The signature|the signature by/,
  ],
  [
    'the signature was changed',
    (f) => rewrite(f, 'log/checkpoint', (t) => t.replace(/.(?=.{9}\n$)/, other)),
    /the signature by medlock\.invalid\/log is not right/,
  ],
  [
    'another record’s key came along',
    (f) => rewrite(f, 'stream-keys', (t) => t.replace(/[0-9a-f]{8}$/m, '00000000')),
    /for another record, or under another number/,
  ],
]

test('ten damages of a history are refused, each with its own reason', async ({
  page,
  service,
}) => {
  const { history } = await given(service)
  await page.goto('/check')
  for (const [name, damage, reason] of DAMAGES) {
    const folder = unpack(history)
    damage(folder)
    reseal(folder)
    const verdict = await checked(page, `${name}.tar`, pack(folder))
    await expect(verdict, name).toHaveAttribute('data-outcome', 'wrong')
    await expect(verdict, name).toContainText(reason)
  }
})

test('a file that was cut, and a log that does not answer, are not called wrong', async ({
  page,
  service,
}) => {
  const { history, receipt } = await given(service)
  await page.goto('/check')
  for (const [name, bytes] of [
    ['cut.tar', history.subarray(0, history.length / 2)],
    ['cut.receipt', receipt.subarray(0, receipt.length / 2)],
    ['something else', new TextEncoder().encode('<!doctype html>')],
  ] as const) {
    const verdict = await checked(page, name, bytes)
    await expect(verdict).toHaveAttribute('data-outcome', 'not_looked_at')
    await expect(verdict).toContainText('Nothing wrong was found')
  }
  await checked(page, 'whole.tar', history)
  // Nobody answers for the log any more.
  await page.context().route('**/log/**', (route) => route.abort())
  const verdict = await checked(page, 'unanswered.tar', history)
  await expect(verdict).toHaveAttribute('data-outcome', 'not_looked_at')
  await expect(verdict).toContainText('the log did not answer')
})

test('the log shows its checkpoint, who has signed it, its keys and its anchors', async ({
  page,
}) => {
  await page.goto('/check')
  await page.getByRole('link', { name: 'The log of this service' }).click()
  await expect(page.locator('[data-events]')).toContainText('medlock.invalid/log')
  await expect(page.locator('[data-events]')).toContainText('checked in your browser')
  await expect(page.getByText('By nobody outside')).toBeVisible()
  await page.goBack()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Check it yourself')
})
