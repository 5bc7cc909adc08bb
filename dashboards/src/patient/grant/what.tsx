// What is opened: one of the three presets; the last one says everything itself.
import { Checkbox, MultiSelect, Radio, Select, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useTexts } from '../../app/texts'
import { categoryTexts, purposeTexts } from '../../ui/record-texts'
import { RefusalAlert } from '../../ui/refusal-alert'
import { useMyRecord } from '../parent'
import { reportsQuery } from '../reports/queries'
import { type Category, type Purpose, presets, purposes, scopes, type Wish } from './order'
import { grantTexts } from './texts'

interface Props {
  wish: Wish
  change: (part: Partial<Wish>) => void
}

export function What({ wish, change }: Props) {
  const say = useTexts(grantTexts)
  return (
    <Stack gap="xs">
      <Title order={2} size="h4" id="what">
        {say('what')}
      </Title>
      <Radio.Group
        aria-labelledby="what"
        value={wish.preset}
        onChange={(preset) => change({ preset: preset as Wish['preset'] })}
      >
        <Stack gap="xs">
          {presets.map((preset) => (
            <Radio key={preset} value={preset} label={say(preset)} size="md" />
          ))}
        </Stack>
      </Radio.Group>
      {wish.preset === 'this_report_only' && <OneReport wish={wish} change={change} />}
      {wish.preset === 'custom' && <Custom wish={wish} change={change} />}
    </Stack>
  )
}

/** Every report of mine, read to the end: a choice must not hide one. */
function useMyReports() {
  const list = useInfiniteQuery(reportsQuery(useMyRecord()))
  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage } = list
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && !isError) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, isError, fetchNextPage])
  const all = list.data?.pages.flatMap(({ items }) => items) ?? []
  return { list, options: all.map(({ report, title }) => ({ value: report, label: title })) }
}

function OneReport({ wish, change }: Props) {
  const say = useTexts(grantTexts)
  const { list, options } = useMyReports()
  if (list.isError) return <RefusalAlert error={list.error} again={() => void list.refetch()} />
  if (list.isSuccess && options.length === 0) return <Text>{say('noReports')}</Text>
  return (
    <Select
      label={say('report')}
      placeholder={say('chooseReport')}
      searchable
      data={options}
      value={wish.report ?? null}
      onChange={(report) => change({ report: report ?? undefined })}
    />
  )
}

function Custom({ wish, change }: Props) {
  const say = useTexts(grantTexts)
  const purpose = useTexts(purposeTexts)
  const { options } = useMyReports()
  return (
    <Stack gap="md" pl={{ base: 0, sm: 'lg' }}>
      <Radio.Group
        label={say('opens')}
        value={wish.scope}
        onChange={(scope) => change({ scope: scope as Wish['scope'] })}
      >
        <Stack gap="xs" mt={4}>
          {scopes.map((scope) => (
            <Radio key={scope} value={scope} label={say(scope)} />
          ))}
        </Stack>
      </Radio.Group>
      {wish.scope === 'categories' && (
        <Categories
          label={say('categories')}
          value={wish.categories}
          set={(categories) => change({ categories })}
        />
      )}
      {wish.scope === 'reports' && (
        <MultiSelect
          label={say('reports')}
          placeholder={say('chooseReport')}
          data={options}
          value={wish.reports}
          onChange={(reports) => change({ reports })}
          searchable
        />
      )}
      <Categories
        label={say('exceptKinds')}
        value={wish.exceptCategories}
        set={(exceptCategories) => change({ exceptCategories })}
      />
      <MultiSelect
        label={say('exceptReports')}
        data={options}
        value={wish.exceptReports}
        onChange={(exceptReports) => change({ exceptReports })}
        searchable
      />
      <Select
        label={say('purpose')}
        data={purposes.map((code) => ({ value: code, label: purpose(code) }))}
        value={wish.purpose}
        onChange={(code) => change({ purpose: (code ?? 'TREAT') as Purpose })}
        allowDeselect={false}
      />
    </Stack>
  )
}

interface CategoriesProps {
  label: string
  value: Category[]
  set: (value: Category[]) => void
}

function Categories({ label, value, set }: CategoriesProps) {
  const category = useTexts(categoryTexts)
  return (
    <Checkbox.Group label={label} value={value} onChange={(codes) => set(codes as Category[])}>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" mt={4}>
        {(Object.keys(categoryTexts.en) as Category[]).map((code) => (
          <Checkbox key={code} value={code} label={category(code)} />
        ))}
      </SimpleGrid>
    </Checkbox.Group>
  )
}
