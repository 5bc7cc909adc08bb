// The rest of a list, page by page.
import { Button } from '@mantine/core'
import { useTexts } from '../app/texts'
import { moreTexts } from './more-texts'

interface Props {
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown }
}

export function MoreButton({ list }: Props) {
  const say = useTexts(moreTexts)
  if (!list.hasNextPage) return null
  return (
    <Button
      variant="light"
      loading={list.isFetchingNextPage}
      onClick={() => void list.fetchNextPage()}
      className="no-print"
    >
      {say('more')}
    </Button>
  )
}
