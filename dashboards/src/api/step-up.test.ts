import { expect, test } from 'vitest'
import { Refusal } from './refusal'
import { challengeOf, stepUp } from './step-up'

const refused = (challenge?: string) =>
  new Refusal({
    ...{ type: 'about:blank', title: '', detail: '', status: 403, trace_id: '' },
    code: challenge ? 'step_up_required' : 'wrong_role',
    ...(challenge && { challenge }),
  })

test('a refusal with a challenge asks for it, another one stays a refusal', async () => {
  expect(await challengeOf(Promise.reject(refused('c1')))).toBe('c1')
  await expect(challengeOf(Promise.reject(refused()))).rejects.toMatchObject({ code: 'wrong_role' })
  await expect(challengeOf(Promise.resolve({}))).rejects.toThrow('without it')
})

test('a code is sent as it is, a passkey as the base64url of its JSON', () => {
  expect(stepUp('c1', { code: '123456' })).toEqual({
    'Medlock-Step-Up': 'challenge=c1; code=123456',
  })
  const passkey = { id: '>>>???', name: 'அ' }
  const said = stepUp('c1', { passkey })['Medlock-Step-Up']
  expect(said).toMatch(/^challenge=c1; passkey=[\w-]+$/)
  const read = Buffer.from(said.split('passkey=')[1] ?? '', 'base64url').toString('utf8')
  expect(JSON.parse(read)).toEqual(passkey)
})
