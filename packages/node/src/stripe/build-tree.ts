/** Makes the functions of all operations, as a frozen tree. */
import type { Operation } from './operation-table.ts'
import { STRIPE_SECTIONS } from './sections.ts'

/** Calls the operation that a function's arguments picked. */
export type RunOperations = (
  name: string,
  operations: readonly Operation[],
  args: readonly unknown[],
) => Promise<unknown>

type Tree = Readonly<Record<string, unknown>>

interface Branch {
  readonly operations: Operation[]
  readonly children: Map<string, Branch>
}

const newBranch = (): Branch => ({ operations: [], children: new Map() })

/** @returns namespaces and functions; one name can be both. Slingr's old section names lead to the same functions. */
export function buildTree(operations: readonly Operation[], run: RunOperations): Tree {
  const root = newBranch()
  for (const operation of operations) {
    let branch = root
    for (const part of operation.name) {
      const child = branch.children.get(part) ?? newBranch()
      branch.children.set(part, child)
      branch = child
    }
    branch.operations.push(operation)
  }
  const tree = namesOf(root, [], run)
  const sections = STRIPE_SECTIONS.map((section) => [section, withSection(tree, section)] as const)
  return Object.freeze({ ...tree, ...Object.fromEntries(sections) })
}

/** `issuing.issuing.cards` and `issuing.cards` are one: what Stripe itself has below the name comes first. */
function withSection(tree: Tree, section: string): unknown {
  const own = tree[section]
  return own === undefined ? tree : Object.freeze({ ...tree, ...(own as object) })
}

function namesOf(branch: Branch, at: readonly string[], run: RunOperations): Tree {
  const entries = [...branch.children].map(
    ([name, child]) => [name, nodeOf(child, [...at, name], run)] as const,
  )
  return Object.freeze(Object.fromEntries(entries))
}

function nodeOf(branch: Branch, at: readonly string[], run: RunOperations): unknown {
  const names = namesOf(branch, at, run)
  if (branch.operations.length === 0) return names
  const name = at.join('.')
  const node = async (...args: readonly unknown[]) => run(name, branch.operations, args)
  // A function's own properties, such as `name`, cannot be assigned, and a segment may be called that.
  Object.defineProperty(node, 'name', { value: name })
  for (const [child, value] of Object.entries(names))
    Object.defineProperty(node, child, { value, enumerable: true })
  return Object.freeze(node)
}
