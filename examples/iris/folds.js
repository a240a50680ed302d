import { XSadd } from 'ml-xsadd'

/**
 * Divides rows for cross-validation so that every fold has the classes in equal shares.
 *
 * Each row is in the test part of exactly one fold. The same seed gives the same folds.
 *
 * @param {number[]} labels The class of each row.
 * @param {{ count?: number, seed?: number }} options Default: 5 folds, seed 1.
 * @returns {{ name: string, train: number[], test: number[] }[]} Indices of rows.
 */
export function stratifiedFolds(labels, { count = 5, seed = 1 } = {}) {
  const foldOfRow = new Map()
  let dealt = 0
  for (const row of shuffledByClass(labels, seed)) foldOfRow.set(row, dealt++ % count)
  return Array.from({ length: count }, (_, fold) => ({
    name: `fold-${fold + 1}`,
    train: labels.map((_, row) => row).filter((row) => foldOfRow.get(row) !== fold),
    test: labels.map((_, row) => row).filter((row) => foldOfRow.get(row) === fold)
  }))
}

/**
 * Takes ever more of some rows, with the classes in equal shares: what a learning curve is made over.
 *
 * @returns {number[][]} One list of indices for each size; a smaller one is part of a greater one.
 */
export function growingSubsets(indices, labels, sizes, seed = 1) {
  const classOf = indices.map((index) => labels[index])
  const byClass = groupByClass(shuffledByClass(classOf, seed), classOf)
  const order = []
  for (let rank = 0; order.length < indices.length; rank++) {
    for (const group of byClass) if (rank < group.length) order.push(indices[group[rank]])
  }
  return sizes.filter((size) => size <= order.length).map((size) => order.slice(0, size))
}

function shuffledByClass(labels, seed) {
  const random = new XSadd(seed)
  const all = labels.map((_, row) => row)
  return groupByClass(all, labels).flatMap((group) => shuffle(group, random))
}

function groupByClass(rows, labels) {
  const groups = new Map()
  for (const row of rows) groups.set(labels[row], [...(groups.get(labels[row]) ?? []), row])
  return [...groups.keys()].sort((a, b) => a - b).map((label) => groups.get(label))
}

/** Fisher and Yates: every order is as likely. */
function shuffle(items, random) {
  const result = [...items]
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random.random() * (last + 1))
    ;[result[last], result[other]] = [result[other], result[last]]
  }
  return result
}
