// The form of a registration: its fields, then the code; what was filled in stays until the account is made.
import { PasswordInput, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTexts } from '../../app/texts'
import { troubleWith } from '../../ui/fields'
import { AnchorLink } from '../../ui/links'
import { type Asked, FormThenCode } from '../form-then-code'
import { confirm } from './queries'
import { registerTexts, specialtyTexts } from './texts'

export type Field =
  | 'name'
  | 'birth_date'
  | 'licence'
  | 'issuer'
  | 'specialty'
  | 'specialty_text'
  | 'email'
  | 'password'

export type Filled = Record<Field, string>

const EMPTY: Filled = {
  name: '',
  birth_date: '',
  licence: '',
  issuer: '',
  specialty: '',
  specialty_text: '',
  email: '',
  password: '',
}

interface Props {
  fields: Field[]
  /** Sends the form; answers the challenge that its letter's code answers. */
  send: (filled: Filled) => Promise<Asked>
  /** The first admin's link. */
  token?: string
  done: (filled: Filled) => Promise<void>
}

export function RegistrationForm({ fields, send, token, done }: Props) {
  const say = useTexts(registerTexts)
  const [filled, setFilled] = useState(EMPTY)
  return (
    <>
      <FormThenCode
        fields={(trouble) =>
          fields.map((field) => (
            <OneField
              key={field}
              field={field}
              doctor={fields.includes('licence')}
              value={filled[field]}
              error={troubleWith(trouble, field)}
              set={(value) => setFilled({ ...filled, [field]: value })}
            />
          ))
        }
        next={say('send')}
        send={() => send({ ...filled, email: filled.email.trim() })}
        words={say('code', { email: filled.email })}
        code={async (challenge, code) => {
          await confirm(challenge, code, token)
          await done(filled)
        }}
        back={say('edit')}
      />
      <AnchorLink to="/login" ta="center">
        {say('have')}
      </AnchorLink>
    </>
  )
}

interface FieldProps {
  field: Field
  doctor: boolean
  value: string
  error: string | undefined
  set: (value: string) => void
}

function OneField({ field, doctor, value, error, set }: FieldProps) {
  const say = useTexts(registerTexts)
  const specialty = useTexts(specialtyTexts)
  const shared = { required: true, withAsterisk: false, value, ...(error && { error }) }
  const text = {
    ...shared,
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => set(event.currentTarget.value),
  }
  switch (field) {
    case 'name':
      return (
        <TextInput label={doctor ? say('nameDoctor') : say('name')} autoComplete="name" {...text} />
      )
    case 'birth_date':
      return <TextInput label={say('birthDate')} type="date" autoComplete="bday" {...text} />
    case 'licence':
      return <TextInput label={say('licence')} {...text} />
    case 'issuer':
      return <TextInput label={say('issuer')} {...text} />
    case 'specialty':
      return (
        <Select
          label={say('specialty')}
          data={(Object.keys(specialtyTexts.en) as (keyof typeof specialtyTexts.en)[]).map(
            (code) => ({ value: code, label: specialty(code) }),
          )}
          {...shared}
          value={value === '' ? null : value}
          onChange={(chosen) => set(chosen ?? '')}
          allowDeselect={false}
        />
      )
    case 'specialty_text':
      return <TextInput label={say('specialtyText')} {...text} />
    case 'email':
      return <TextInput label={say('email')} type="email" autoComplete="username" {...text} />
    case 'password':
      return (
        <PasswordInput
          label={say('password')}
          description={say('passwordHint')}
          minLength={10}
          autoComplete="new-password"
          {...text}
        />
      )
  }
}
