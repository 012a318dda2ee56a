// A figure with points that a reader drags. It keeps its nodes from run to run, and draws every move at once: each vertex of
// a path is an affine function of the points, sent with the figure. Python hears of a move when it is over.

const EDGE = { left: 40, right: 12, top: 12, bottom: 34 }
const REACH = 22 // pixels around a point in which a finger takes hold of it
const STEPS = { small: 1 / 50, large: 1 / 10 } // of an axis, for an arrow key alone and with Shift
const TWICE = { ms: 400, pixels: 24 }
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }
const PACE = 25 // milliseconds from vertex to vertex of a path that is walked
const AGENT = 5
const PLOTS = new WeakMap()

export default function ({ data, parentElement, setStateValue }) {
  const host = parentElement.querySelector(".drag-points")
  if (!PLOTS.has(host)) PLOTS.set(host, new Plot(host))
  const plot = PLOTS.get(host)
  plot.show(data, (moved) => setStateValue("moved", moved))
  // Streamlit also cleans up where it keeps the node: only a node that has left the page is taken apart.
  return () => setTimeout(() => host.isConnected || plot.size.disconnect(), 1000)
}

class Plot {
  constructor(host) {
    this.svg = host.querySelector("svg")
    const layers = [node("g", { class: "grid" }), node("svg", { class: "paths" }), node("g", { class: "handles" })]
    this.layers = layers.map((layer) => this.svg.appendChild(layer))
    this.buttons = host.querySelector(".buttons")
    this.legend = host.querySelector(".legend")
    this.hint = host.querySelector(".hint")
    this.size = new ResizeObserver(() => this.data && this.draw())
    this.size.observe(host)
    this.svg.addEventListener("pointerdown", (event) => this.down(event))
    this.svg.addEventListener("pointermove", (event) => this.move(event))
    this.svg.addEventListener("pointerup", (event) => this.up(event))
    this.svg.addEventListener("pointercancel", () => this.release())
    this.svg.addEventListener("keydown", (event) => this.key(event))
    this.svg.addEventListener("keyup", (event) => event.key in ARROWS && this.tell())
    this.svg.addEventListener("focusin", (event) => this.choose(this.handleOf(event)))
  }

  // The reader's own points stay until Python passes others (an echo of the last move must not pull away the next one).
  show(data, report) {
    const mine = this.data?.given === data.given || (this.held && this.points.length === data.points.length)
    if (!mine) this.points = data.points.map((point) => ({ ...point }))
    this.data = { ...data, new: data.new[0] }
    this.report = report
    const walks = JSON.stringify(data.paths.filter((path) => path.walked).map((path) => path.vertices))
    if (walks !== this.walks) this.since = matchMedia("(prefers-reduced-motion: reduce)").matches ? -Infinity : performance.now()
    this.walks = walks
    this.svg.setAttribute("aria-label", data.alt)
    this.svg.style.height = `${data.height}px`
    this.hint.textContent = data.hint
    this.drawLegend()
    this.drawButtons()
    this.draw()
  }

  // --- from values to pixels and back
  frame() {
    const { width, height } = this.svg.getBoundingClientRect()
    const inner = [Math.max(width - EDGE.left - EDGE.right, 1), Math.max(height - EDGE.top - EDGE.bottom, 1)]
    const spans = [this.data.x, this.data.y].map(([low, high]) => ({ middle: (low + high) / 2, half: (high - low) / 2 }))
    if (this.data.equal) {
      const unit = Math.max(...spans.map(({ half }, axis) => half / inner[axis])) // values a pixel
      spans.forEach((span, axis) => { span.half = unit * inner[axis] })
    }
    const [x, y] = spans.map(({ middle, half }) => [middle - half, middle + half])
    this.view = { width, height, inner, x, y }
  }

  pixel([a, b]) {
    const { x, y, inner } = this.view
    return [EDGE.left + (inner[0] * (a - x[0])) / (x[1] - x[0]), EDGE.top + (inner[1] * (y[1] - b)) / (y[1] - y[0])]
  }

  value([left, top]) {
    const { x, y, inner } = this.view
    const place = [x[0] + ((left - EDGE.left) / inner[0]) * (x[1] - x[0]), y[1] - ((top - EDGE.top) / inner[1]) * (y[1] - y[0])]
    return this.inside(place)
  }

  inside(place) {
    return [this.view.x, this.view.y].map(([low, high], axis) => round(Math.min(Math.max(place[axis], low), high)))
  }

  at(event) {
    const box = this.svg.getBoundingClientRect()
    return [event.clientX - box.left, event.clientY - box.top]
  }

  // --- the reader's hands
  down(event) {
    const index = this.handleOf(event)
    if (index === null || this.points[index].fixed || event.button > 0) return
    event.preventDefault()
    this.svg.setPointerCapture(event.pointerId)
    const [left, top] = this.pixel(place(this.points[index]))
    const [x, y] = this.at(event)
    this.held = { index, by: [left - x, top - y], from: place(this.points[index]), pointer: event.pointerId }
    this.layers[2].children[index].focus({ preventScroll: true })
    this.draw()
  }

  move(event) {
    if (this.held?.pointer !== event.pointerId) return
    const [x, y] = this.at(event)
    this.put(this.held.index, this.value([x + this.held.by[0], y + this.held.by[1]]))
  }

  up(event) {
    if (this.held) return this.release()
    if (!this.data.new || this.handleOf(event) !== null) return
    const now = { at: this.at(event), time: event.timeStamp }
    const last = this.tapped
    const twice = last && now.time - last.time < TWICE.ms && Math.hypot(now.at[0] - last.at[0], now.at[1] - last.at[1]) < TWICE.pixels
    this.tapped = twice ? null : now
    if (twice) this.add(this.value(now.at))
  }

  release() {
    const held = this.held
    this.held = null
    if (!held) return
    this.draw()
    if (String(held.from) !== String(place(this.points[held.index]))) this.tell()
  }

  key(event) {
    const index = this.handleOf(event)
    if (index === null || this.points[index].fixed) return
    const [right, up] = ARROWS[event.key] ?? [0, 0]
    if (right || up) {
      const step = event.shiftKey ? STEPS.large : STEPS.small
      const { x, y } = this.view
      const [a, b] = place(this.points[index])
      this.put(index, this.inside([a + right * step * (x[1] - x[0]), b + up * step * (y[1] - y[0])]))
    } else if (this.data.new && ["Delete", "Backspace"].includes(event.key)) this.remove(index)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  put(index, [x, y]) {
    Object.assign(this.points[index], { x, y })
    this.draw()
  }

  add([x, y]) {
    if (this.points.length >= this.data.most) return
    this.points.push({ ...this.data.new, x, y })
    this.chosen = this.points.length - 1
    this.draw()
    this.layers[2].lastElementChild.focus({ preventScroll: true })
    this.tell()
  }

  remove(index) {
    if (this.points.length < 2) return
    this.points.splice(index, 1)
    this.chosen = null
    this.draw()
    this.tell()
  }

  choose(index) {
    this.chosen = index
    this.draw()
  }

  tell() {
    this.report({ given: this.data.given, points: this.points.map(place) })
  }

  handleOf(event) {
    const found = event.target.closest?.(".handle")
    return found ? [...this.layers[2].children].indexOf(found) : null
  }

  // --- drawing
  draw() {
    this.frame()
    if (this.view.width < 1) return
    this.drawGrid()
    this.drawPaths()
    this.drawHandles()
    this.buttons.lastElementChild?.toggleAttribute("disabled", this.chosen == null || this.points.length < 2)
    this.buttons.firstElementChild?.toggleAttribute("disabled", this.points.length >= this.data.most)
  }

  drawGrid() {
    const { x, y, width, height } = this.view
    const key = String([x, y, width, height, this.data.x, this.data.y])
    if (this.gridded === key) return
    this.gridded = key
    const [bottom, right] = [height - EDGE.bottom, width - EDGE.right]
    const middle = { "text-anchor": "middle" }
    const across = ticks(...x, this.view.inner[0] / 70).flatMap((tick) => {
      const [left] = this.pixel([tick, 0])
      return [node("line", { x1: left, x2: left, y1: EDGE.top, y2: bottom }), node("text", { x: left, y: bottom + 14, ...middle }, said(tick))]
    })
    const up = ticks(...y, this.view.inner[1] / 50).flatMap((tick) => {
      const [, top] = this.pixel([0, tick])
      return [node("line", { x1: EDGE.left, x2: right, y1: top, y2: top }), node("text", { x: EDGE.left - 6, y: top + 4, "text-anchor": "end" }, said(tick))]
    })
    const names = [
      node("text", { x: (EDGE.left + right) / 2, y: height - 4, ...middle }, this.data.x[2]),
      node("text", { transform: `translate(11 ${(EDGE.top + bottom) / 2}) rotate(-90)`, ...middle }, this.data.y[2]),
    ]
    this.layers[0].replaceChildren(...across, ...up, ...names)
  }

  drawPaths() {
    const flat = this.points.flatMap(place)
    const [width, height] = this.view.inner
    set(this.layers[1], { x: EDGE.left, y: EDGE.top, width, height, viewBox: `${EDGE.left} ${EDGE.top} ${width} ${height}` })
    this.routes = []
    this.layers[1].replaceChildren(...this.data.paths.flatMap((path) => {
      const vertices = path.vertices.map((base, index) => {
        const follow = path.follow && (path.follow[index] ?? path.follow[0])
        return this.pixel(base.map((value, axis) => value + (follow ? dot(follow[axis], flat) : 0)))
      })
      const nodes = drawn(path, vertices)
      if (path.walked) {
        const style = `fill: ${path.colour || "var(--st-text-color)"}; stroke: var(--st-background-color); stroke-width: 1.5`
        nodes.push(node("circle", { class: "agent", r: AGENT, style }))
        this.routes.push({ vertices, line: nodes[0], agent: nodes.at(-1) })
      }
      return nodes
    }))
    this.walk()
  }

  // Where all who walk are by now, each with its path behind it; and again until the last has arrived.
  walk() {
    cancelAnimationFrame(this.asked)
    const gone = (performance.now() - this.since) / PACE
    for (const { vertices, line, agent } of this.routes) {
      const behind = vertices.slice(0, Math.max(Math.ceil(gone), 1))
      const [from, to] = [behind.at(-1), vertices[behind.length] ?? behind.at(-1)]
      const share = gone % 1 || 0
      const here = from.map((value, axis) => value + share * (to[axis] - value))
      set(line, { points: [...behind, here].map(pair).join(" ") })
      set(agent, { cx: here[0].toFixed(1), cy: here[1].toFixed(1) })
    }
    if (this.routes.some(({ vertices }) => gone < vertices.length)) this.asked = requestAnimationFrame(() => this.walk())
  }

  drawHandles() {
    const layer = this.layers[2]
    while (layer.children.length > this.points.length) layer.lastElementChild.remove()
    while (layer.children.length < this.points.length) layer.append(handle())
    const middle = [0, 1].map((axis) => this.points.reduce((sum, point) => sum + place(point)[axis], 0) / this.points.length)
    this.points.forEach((point, index) => {
      const [left, top] = this.pixel(place(point))
      const group = layer.children[index]
      set(group, { transform: `translate(${left.toFixed(1)} ${top.toFixed(1)})`, "aria-label": point.label || `${this.data.point} ${index + 1}`,
                   "aria-valuetext": `${said(point.x)}, ${said(point.y)}`, "aria-valuenow": point.x,
                   "aria-valuemin": this.view.x[0], "aria-valuemax": this.view.x[1], "aria-disabled": point.fixed,
                   tabindex: point.fixed ? -1 : 0 })
      group.classList.toggle("fixed", point.fixed)
      group.classList.toggle("held", this.held?.index === index)
      group.classList.toggle("chosen", this.chosen === index && Boolean(this.data.new))
      const colour = point.colour || "var(--st-text-color)"
      const [, , look, text] = group.children
      set(look, { d: OUTLINES[point.shape], style: `stroke: ${point.hollow || point.shape === "cross" ? colour : "var(--st-background-color)"}; ` +
                  `fill: ${point.hollow ? "var(--st-background-color)" : colour}` })
      text.textContent = point.label
      // Names stand on the outer side of their points, where there is room for them.
      const room = 20 + 7 * point.label.length
      const after = point.x < middle[0] ? left < EDGE.left + room : left < this.view.width - EDGE.right - room
      set(text, { x: after ? 13 : -13, y: point.y < middle[1] ? 20 : -10, "text-anchor": after ? "start" : "end" })
    })
  }

  drawLegend() {
    const named = new Map(this.data.paths.filter((path) => path.label).map((path) => [path.label, path]))
    this.legend.replaceChildren(...[...named].map(([label, path]) => {
      const entry = document.createElement("li")
      const picture = node("svg", { viewBox: "0 0 30 12", "aria-hidden": true })
      picture.append(...drawn({ ...path, fill: false }, path.width ? [[1, 6], [29, 6]] : [[15, 6]]))
      entry.append(picture, label)
      return entry
    }))
  }

  drawButtons() {
    if (!this.data.new) return this.buttons.replaceChildren()
    if (!this.buttons.children.length) {
      this.buttons.append(document.createElement("button"), document.createElement("button"))
      const [add, remove] = this.buttons.children
      add.type = remove.type = "button"
      add.onclick = () => this.add(this.inside([this.view.x, this.view.y].map(([low, high]) => (low + high) / 2)))
      remove.onclick = () => this.remove(this.chosen)
    }
    const [add, remove] = this.buttons.children
    add.textContent = this.data.add
    remove.textContent = this.data.remove
  }
}

const OUTLINES = {
  circle: "M -8 0 A 8 8 0 1 0 8 0 A 8 8 0 1 0 -8 0 Z",
  square: "M -7 -7 H 7 V 7 H -7 Z",
  diamond: "M 0 -10 L 10 0 L 0 10 L -10 0 Z",
  triangle: "M 0 -10 L 9 7 L -9 7 Z",
  cross: "M -7 -7 L 7 7 M -7 7 L 7 -7",
  star: "M 0 -11 L 3.2 -4.4 L 10.5 -3.4 L 5.2 1.7 L 6.5 8.9 L 0 5.5 L -6.5 8.9 L -5.2 1.7 L -10.5 -3.4 L -3.2 -4.4 Z",
}

function handle() {
  const group = node("g", { class: "handle", role: "slider" })
  group.append(node("circle", { class: "reach", r: REACH }), node("circle", { class: "ring", r: 14 }), node("path", { class: "look" }), node("text", {}))
  return group
}

// The nodes of a path through these pixels.
function drawn(path, vertices) {
  const colour = path.colour || "var(--st-text-color)"
  const style = `stroke: ${colour}; stroke-width: ${path.width}; stroke-dasharray: ${path.dash || "none"}; ` +
    `fill: ${path.fill ? colour : "none"}; fill-opacity: 0.12; stroke-linejoin: round; stroke-linecap: ${path.dash ? "butt" : "round"}`
  const nodes = []
  const tip = path.arrow && head(vertices, 5 + 2.5 * path.width)
  if (path.width) {
    const line = tip ? [...vertices.slice(0, -1), tip.base] : vertices
    nodes.push(node("polyline", { points: line.map(pair).join(" "), style, opacity: path.opacity }))
  }
  if (tip) nodes.push(node("polygon", { points: tip.corners.map(pair).join(" "), style: `fill: ${colour}`, opacity: path.opacity }))
  if (path.dots) {
    nodes.push(...vertices.map(([cx, cy]) => node("circle", { cx, cy, r: path.dots, style: `fill: ${colour}`, opacity: path.opacity })))
  }
  return nodes
}

// The corners of an arrow's head, and where its line ends; none for an arrow that is too short to have a direction.
function head(vertices, size) {
  const [[x0, y0], [x1, y1]] = vertices.slice(-2)
  const length = Math.hypot(x1 - x0, y1 - y0)
  if (!(length > 1)) return null
  const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length]
  const long = Math.min(size, length)
  const base = [x1 - ux * long, y1 - uy * long]
  const half = 0.42 * long
  return { base, corners: [[x1, y1], [base[0] - uy * half, base[1] + ux * half], [base[0] + uy * half, base[1] - ux * half]] }
}

// Round numbers between low and high, about `wanted` of them.
function ticks(low, high, wanted) {
  const rough = (high - low) / Math.max(wanted, 1)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough)
  const first = Math.ceil(low / step)
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, index) => (first + index) * step)
}

function node(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name)
  set(made, attributes)
  if (text) made.textContent = text
  return made
}

function set(made, attributes) {
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
}

const place = ({ x, y }) => [x, y]
const pair = ([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`
const round = (value) => Number(value.toFixed(4))
const said = (value) => String(Number(value.toFixed(2))).replace("-", "−")
const dot = (row, flat) => row.reduce((sum, weight, index) => sum + weight * (flat[index] ?? 0), 0)
