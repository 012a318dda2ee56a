// A sheet for drawings: one large canvas for the drawing at hand, and thumbnails of all of them. What is drawn stays here
// until Python hands over another version; it is told of every stroke when the pen is lifted.

const LEAST = 0.006 // a point nearer than this to the last one is left out (the sides of the canvas are 1)
const MOST_POINTS = 400
const MOST_STROKES = 30
const PEN = 0.045 // width of the line

export default function ({ data, parentElement, setStateValue }) {
  const host = parentElement.querySelector(".sheet")
  host.told = setStateValue
  host.data = { ...data, words: JSON.parse(data.words) }
  if (host.version !== data.version) {
    host.version = data.version
    host.drawings = data.drawings.map((strokes) => strokes.map((stroke) => [...stroke]))
    host.current = Math.min(data.current, Math.max(0, host.drawings.length - 1))
    if (!host.drawings.length) host.drawings.push([])
  }
  if (!host.ready) prepare(host)
  words(host)
  paint(host)
  return () => setTimeout(() => host.isConnected || host.observer.disconnect(), 1000)
}

function prepare(host) {
  host.ready = true
  const canvas = host.querySelector("canvas")
  canvas.onpointerdown = (event) => down(host, event)
  canvas.onpointermove = (event) => move(host, event)
  canvas.onpointerup = canvas.onpointercancel = (event) => up(host, event)
  canvas.onkeydown = (event) => {
    if (event.key !== "z" || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    undo(host)
  }
  host.querySelector(".undo").onclick = () => undo(host)
  host.querySelector(".clear").onclick = () => clear(host)
  host.querySelector(".another").onclick = () => another(host)
  host.observer = new ResizeObserver(() => paint(host))
  host.observer.observe(canvas)
}

function words(host) {
  const { data } = host
  host.classList.toggle("asks", data.asks)
  host.querySelector(".name").textContent = data.name
  host.querySelector("canvas").setAttribute("aria-label", data.label)
  for (const name of ["undo", "clear", "another"]) {
    const button = host.querySelector(`.${name}`)
    button.title = data.words[name]
    button.setAttribute("aria-label", `${data.words[name]} (${data.name})`)
  }
}

const at = (host) => host.drawings[host.current]

function place(host, event) {
  const box = host.querySelector("canvas").getBoundingClientRect()
  const inside = (value) => Math.round(1000 * Math.min(1, Math.max(0, value))) / 1000
  return [inside((event.clientX - box.left) / box.width), inside((event.clientY - box.top) / box.height)]
}

function down(host, event) {
  if (!event.isPrimary || event.button || at(host).length >= MOST_STROKES) return
  event.currentTarget.setPointerCapture(event.pointerId)
  host.pen = event.pointerId
  at(host).push([place(host, event)])
  paint(host)
}

function move(host, event) {
  if (host.pen !== event.pointerId) return
  const stroke = at(host).at(-1)
  const seen = event.getCoalescedEvents?.() ?? []
  for (const moment of seen.length ? seen : [event]) {
    const [x, y] = place(host, moment)
    const [lastX, lastY] = stroke.at(-1)
    if (Math.hypot(x - lastX, y - lastY) >= LEAST) stroke.push([x, y])
  }
  if (stroke.length > MOST_POINTS) at(host)[at(host).length - 1] = stroke.filter((_, index) => index % 2 === 0)
  paint(host, true)
}

function up(host, event) {
  if (host.pen !== event.pointerId) return
  host.pen = null
  changed(host)
}

function undo(host) {
  at(host).pop()
  changed(host)
}

function clear(host) {
  host.drawings[host.current] = []
  changed(host)
}

function another(host) {
  host.drawings = host.drawings.filter((strokes) => strokes.length)
  host.drawings.push([])
  host.current = host.drawings.length - 1
  paint(host)
}

function choose(host, index) {
  host.current = index
  changed(host)
}

function remove(host, index) {
  host.drawings.splice(index, 1)
  if (!host.drawings.length) host.drawings.push([])
  if (host.current > index || host.current >= host.drawings.length) host.current -= 1
  changed(host)
}

// Empty drawings are nobody's business.
function changed(host) {
  paint(host)
  const full = host.drawings.filter((strokes) => strokes.length)
  const current = full.indexOf(at(host))
  host.told("sheet", { version: host.version, drawings: full, current: current < 0 ? Math.max(0, full.length - 1) : current })
}

function paint(host, moving = false) {
  const strokes = at(host)
  draw(host.querySelector("canvas"), strokes)
  if (moving) return
  const full = host.drawings.filter((one) => one.length)
  host.querySelector(".hint").textContent = strokes.length ? "" : host.data.words.hint
  host.querySelector(".count").textContent = `${full.length}/${host.data.limit}`
  host.querySelector(".undo").disabled = host.querySelector(".clear").disabled = !strokes.length
  host.querySelector(".another").disabled = !strokes.length || full.length >= host.data.limit
  thumbnails(host)
}

function thumbnails(host) {
  const list = host.querySelector(".kept")
  list.replaceChildren(...host.drawings.map((strokes, index) => strokes.length && thumbnail(host, strokes, index)).filter(Boolean))
}

function thumbnail(host, strokes, index) {
  const { words, name } = host.data
  const item = document.createElement("li")
  const picture = document.createElement("canvas")
  const open = button(`${words.open.replace("{n}", index + 1)} (${name})`, () => choose(host, index))
  open.classList.toggle("chosen", index === host.current)
  open.append(picture)
  const gone = button(`${words.remove.replace("{n}", index + 1)} (${name})`, () => remove(host, index))
  gone.className = "remove"
  gone.textContent = "×"
  item.append(open, gone)
  picture.width = picture.height = 64
  lines(picture, strokes, getComputedStyle(host).color)
  return item
}

function button(label, pressed) {
  const made = document.createElement("button")
  made.type = "button"
  made.title = label
  made.setAttribute("aria-label", label)
  made.onclick = pressed
  return made
}

function draw(canvas, strokes) {
  const side = Math.round(canvas.clientWidth * devicePixelRatio)
  if (!side) return
  if (canvas.width !== side) canvas.width = canvas.height = side
  lines(canvas, strokes, getComputedStyle(canvas).color)
}

function lines(canvas, strokes, colour) {
  const pen = canvas.getContext("2d")
  const side = canvas.width
  pen.clearRect(0, 0, side, side)
  Object.assign(pen, { strokeStyle: colour, lineWidth: PEN * side, lineCap: "round", lineJoin: "round" })
  for (const stroke of strokes) {
    pen.beginPath()
    stroke.forEach(([x, y], index) => (index ? pen.lineTo(x * side, y * side) : pen.moveTo(x * side, y * side)))
    if (stroke.length === 1) pen.lineTo(stroke[0][0] * side + 0.1, stroke[0][1] * side)
    pen.stroke()
  }
}
