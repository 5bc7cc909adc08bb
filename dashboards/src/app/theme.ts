// One calm colour, readable in light and dark: every pair of text and ground here is 4.5 : 1 or better.
import { type CSSVariablesResolver, createTheme } from '@mantine/core'

export const theme = createTheme({
  primaryColor: 'lake',
  primaryShade: 7,
  colors: {
    lake: [
      '#e8f6f6',
      '#d3ebec',
      '#a9d7da',
      '#7cc3c7',
      '#56b1b6',
      '#339ca2',
      '#17858c',
      '#0b6e75',
      '#07595f',
      '#04434a',
    ],
    dark: [
      '#dde2e6',
      '#b9c1c8',
      '#98a1a9',
      '#6d7780',
      '#3c464d',
      '#2c353b',
      '#20282d',
      '#1a2024',
      '#15191c',
      '#101315',
    ],
  },
  defaultRadius: 'md',
  fontFamily:
    '"Noto Sans Tamil Variable", system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  headings: { fontWeight: '650' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'md' } },
    TextInput: { defaultProps: { size: 'md' } },
    PasswordInput: { defaultProps: { size: 'md' } },
    Select: { defaultProps: { size: 'md' } },
    NumberInput: { defaultProps: { size: 'md' } },
    Modal: { defaultProps: { centered: true } },
  },
})

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#555d66',
    '--mantine-color-error': '#b42318',
    '--mantine-color-placeholder': '#6b737c',
    '--mantine-color-body': '#fbfcfc',
    '--mantine-color-red-light-color': '#a61e1e',
    '--mantine-color-yellow-light-color': '#784300',
    '--mantine-color-green-light-color': '#1d6330',
  },
  dark: {
    '--mantine-color-dimmed': '#b3bac1',
    '--mantine-color-error': '#ff9d94',
    '--mantine-color-placeholder': '#9aa2aa',
    '--mantine-color-body': '#15191c',
    '--mantine-color-lake-light': '#123a3e',
    '--mantine-color-lake-light-hover': '#184a4f',
  },
})
