/** Styles that keep the page's own from disturbing an element's wrapper and frame. */

export const WRAPPER_STYLES = {
  margin: '0',
  padding: '0',
  border: 'none',
  display: 'block',
  background: 'transparent',
  position: 'relative',
  opacity: '1',
  clear: 'both',
}

export const FRAME_STYLES = {
  border: 'none',
  margin: '0',
  padding: '0',
  width: '1px',
  'min-width': '100%',
  overflow: 'hidden',
  display: 'block',
  'user-select': 'none',
  height: '1.2em',
  'color-scheme': 'light',
  transition: 'none',
}
