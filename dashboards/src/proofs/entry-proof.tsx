// Where an entry of a history is proven.

interface Props {
  event: string
  position: number
}

/** Nothing yet: the checks come to stand here. */
export function EntryProof(_: Props) {
  return null
}
