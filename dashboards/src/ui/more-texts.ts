import { texts } from '../app/texts'

export const moreTexts = texts('more', { more: 'Show more' }, { more: 'மேலும் காட்டு' })
