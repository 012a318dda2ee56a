// The table of runs. Rows keep their nodes while their data are the same, so that focus and selection survive a refresh.

const SVG = "http://www.w3.org/2000/svg"

export default function ({ data: given, parentElement, setStateValue }) {
  const data = { ...given, words: JSON.parse(given.words) }
  const table = parentElement.querySelector("table")
  table.selected = new Set(data.selected)
  const choose = (runs) => {
    table.selected = new Set(runs)
    mark(table)
    setStateValue("selected", runs)
  }
  table.toggle = (run, on) => choose(on ? [...table.selected, run] : [...table.selected].filter((other) => other !== run))
  heads(table, data, (sort) => setStateValue("sort", sort), choose)
  rows(table, data)
  mark(table)
}

function heads(table, { columns, sort, rows, words }, order, choose) {
  const wanted = JSON.stringify([columns, sort])
  const all = table.tHead.querySelector("input")
  if (table.heads !== wanted) {
    table.heads = wanted
    table.tHead.rows[0].replaceChildren(cell("th", all.parentElement), ...columns.map((column) => {
      const button = make("button", "", column.label)
      button.type = "button"
      const now = sort.replace("-", "") === column.key ? (sort.startsWith("-") ? "descending" : "ascending") : "none"
      button.onclick = () => order(now === "ascending" || (now === "none" && column.falling) ? `-${column.key}` : column.key)
      const head = cell("th", button, column.key)
      head.scope = "col"
      head.ariaSort = now
      return head
    }))
  }
  table.ariaLabel = words.table
  all.ariaLabel = words.all
  all.onchange = () => {
    const here = rows.map((row) => row.run)
    const others = [...table.selected].filter((run) => !here.includes(run))
    choose(all.checked ? [...others, ...here] : others)
  }
}

function rows(table, { rows, columns, words }) {
  const body = table.tBodies[0]
  const known = new Map([...body.rows].map((row) => [row.dataset.run, row]))
  const wanted = rows.map((row) => {
    const text = JSON.stringify([row, columns])
    const held = known.get(row.run)
    return held?.text === text ? held : Object.assign(drawn(table, row, columns, words), { text })
  })
  if (wanted.length !== body.rows.length || wanted.some((row, place) => body.rows[place] !== row)) body.replaceChildren(...wanted)
}

function drawn(table, row, columns, words) {
  const line = make("tr")
  line.dataset.run = row.run
  const box = make("input")
  box.type = "checkbox"
  box.ariaLabel = `${words.choose} ${row.name}`
  box.onchange = () => table.toggle(row.run, box.checked)
  const label = make("label")
  label.append(box)
  const cells = columns.map(({ key, label: title }) => {
    const made = cell("td", ...CELLS[key](row, words), key)
    made.dataset.title = title
    return made
  })
  line.append(cell("td", label), ...cells)
  line.onclick = (event) => event.target.closest("a, label") || table.toggle(row.run, !box.checked)
  return line
}

const CELLS = {
  name: (row, words) => {
    const link = make("a", "", row.name)
    link.href = row.link
    link.target = "_self"
    link.title = words.open
    const about = make("span", "about")
    about.append(row.about, ...row.tags.map((tag) => make("span", "tag", tag)))
    if (row.origin) about.append(make("span", "tag origin", row.origin))
    return [link, about]
  },
  algorithm: (row) => [swatch(row), row.algorithm],
  family: (row) => [row.family],
  curve: (row) => [spark(row)],
  state: (row) => [make("span", `state ${row.tone}`, row.state)],
  result: (row) => [row.result],
  duration: (row) => [row.duration],
  started: (row) => [row.started],
}

function swatch({ colour, dash }) {
  const svg = drawing(28, 10, "swatch")
  svg.append(shape("line", { x1: 1, x2: 27, y1: 5, y2: 5, stroke: colour, "stroke-width": 3, "stroke-dasharray": dash }))
  return svg
}

function spark({ curve, colour, curve_alt: alt }) {
  const svg = drawing(110, 28, "spark")
  svg.setAttribute("role", "img")
  svg.setAttribute("aria-label", alt)
  const x = (place) => 2 + (106 * place) / Math.max(1, curve.length - 1)
  const points = curve.map((y, place) => `${x(place).toFixed(1)},${(25 - 0.22 * y).toFixed(1)}`)
  if (points.length > 1) svg.append(shape("polyline", { points: points.join(" "), fill: "none", stroke: colour, "stroke-width": 2 }))
  if (points.length) {
    const [cx, cy] = points.at(-1).split(",")
    svg.append(shape("circle", { cx, cy, r: 2.5, fill: colour }))
  }
  return svg
}

// Which rows are chosen, and whether all or some of them are.
function mark(table) {
  const boxes = [...table.tBodies[0].rows].map((row) => {
    const on = table.selected.has(row.dataset.run)
    row.classList.toggle("chosen", on)
    return Object.assign(row.querySelector("input"), { checked: on })
  })
  const count = boxes.filter((box) => box.checked).length
  Object.assign(table.tHead.querySelector("input"), {
    checked: count > 0 && count === boxes.length, indeterminate: count > 0 && count < boxes.length,
  })
}

function make(tag, name = "", text = "") {
  const element = document.createElement(tag)
  element.className = name
  element.textContent = text
  return element
}

function cell(tag, ...content) {
  const name = typeof content.at(-1) === "string" && content.length > 1 ? content.pop() : "choice"
  const made = make(tag, name)
  made.append(...content)
  return made
}

function drawing(width, height, name) {
  const svg = shape("svg", { width, height, viewBox: `0 0 ${width} ${height}`, class: name })
  if (name === "swatch") svg.setAttribute("aria-hidden", "true")
  return svg
}

function shape(tag, attributes) {
  const element = document.createElementNS(SVG, tag)
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value))
  return element
}
