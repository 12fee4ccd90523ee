/** The page: a cart, what it costs, and one button that pays it. */
import { createRoot } from 'react-dom/client'

const root = document.getElementById('root')
if (root !== null) createRoot(root).render(<p>Soon</p>)
