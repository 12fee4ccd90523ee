/** Small drawings of the card brands, and of a card that is none of them yet, which says that it is a test. */
import type { CardBrand } from '../shared/card-fields.ts'
import { makeSvg } from './dom.ts'

type Attributes = Record<string, string | number>

const rect = (attributes: Attributes): Node => makeSvg('rect', attributes)
const circle = (cx: number, fill: string, r = 6): Node =>
  makeSvg('circle', { cx, cy: 10.5, r, fill, 'fill-opacity': 0.92 })

function word(text: string, fill: string, more: Attributes = {}): Node {
  const node = makeSvg('text', {
    x: 16,
    y: 14,
    fill,
    'text-anchor': 'middle',
    'font-family': 'system-ui, sans-serif',
    'font-size': 8.5,
    'font-weight': 800,
    'letter-spacing': 0.2,
    ...more,
  })
  node.append(text)
  return node
}

const GROUND: Record<CardBrand, string> = {
  visa: '#ffffff',
  mastercard: '#ffffff',
  amex: '#1f72cd',
  discover: '#ffffff',
  diners: '#ffffff',
  jcb: '#ffffff',
  unionpay: '#0b6b75',
  unknown: '#6b7485',
}

const MARKS: Record<CardBrand, () => Node[]> = {
  visa: () => [word('VISA', '#1a1f71', { 'font-style': 'italic', 'font-size': 10 })],
  mastercard: () => [circle(12.5, '#e0322b'), circle(19.5, '#f5a623')],
  amex: () => [word('AMEX', '#ffffff')],
  discover: () => [word('DISC', '#2b2b2b', { x: 12.5, 'font-size': 7.5 }), circle(25, '#ef7d22', 4)],
  diners: () => [circle(16, '#0a5ba8', 7), rect({ x: 14.6, y: 6, width: 2.8, height: 9, fill: '#ffffff' })],
  jcb: () =>
    ['#1761b0', '#c62a36', '#1f8a3b'].map((fill, index) =>
      rect({ x: 7 + index * 6.5, y: 4.5, width: 5.5, height: 12, rx: 1.6, fill }),
    ),
  unionpay: () => [word('UP', '#ffffff', { 'font-style': 'italic' })],
  unknown: () => [
    rect({ x: 0, y: 4, width: 32, height: 4, fill: '#4d5665' }),
    word('TEST', '#ffffff', { y: 17, 'font-size': 7 }),
  ],
}

/** Hidden from screen readers: the number says it all. */
export function brandIcon(brand: CardBrand): SVGElement {
  const outline = brand === 'unknown' || brand === 'amex' || brand === 'unionpay' ? 'none' : '#d5dbe3'
  return makeSvg(
    'svg',
    {
      viewBox: '0 0 32 21',
      width: 32,
      height: 21,
      'aria-hidden': 'true',
      class: 'BrandIcon',
      'data-brand': brand,
    },
    rect({ x: 0.5, y: 0.5, width: 31, height: 20, rx: 3, fill: GROUND[brand], stroke: outline }),
    ...MARKS[brand](),
  )
}
