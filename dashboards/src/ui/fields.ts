// What the service says of single fields of a form.
import { Refusal } from '../api/refusal'

/** What is wrong with the field of this name; none where nothing was said of it. */
export function troubleWith(error: unknown, field: string): string | undefined {
  if (!(error instanceof Refusal)) return undefined
  return error.problem.errors?.find(({ pointer }) => pointer === `/${field}`)?.detail
}
