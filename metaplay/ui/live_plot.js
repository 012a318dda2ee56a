// A Plotly chart that keeps its node (and so the reader's zoom) while its data change. Until Plotly has loaded, the lines
// of the chart are sketched as SVG, so that the page shows a picture at once.

const REST = 4 // a chart rests so many times as long as it took to draw, so that the page can answer its reader
const USUAL_TYPE = 15 // px, as .streamlit/config.toml has it
const LONGEST_REST = 2000 // ms
const NEAR = "400px" // what is as near to what the reader sees is drawn before they scroll there
const FRAME = 30 // ms of drawing after which charts leave a frame to the page
const HEAVY = 60 // ms that a drawing takes on a busy machine: then all charts leave the page as much time again
const POINTS = ["x", "y", "text"]
const TYPED = { f8: Float64Array, f4: Float32Array, i4: Int32Array, i2: Int16Array, i1: Int8Array,
                u4: Uint32Array, u2: Uint16Array, u1: Uint8Array }

export default function ({ data, parentElement }) {
  const host = parentElement.querySelector(".metaplay-plot")
  // What `feed.js` has brought since stays, where this is called again with the data that it had before.
  if (host.own !== data.figure + data.alt) host.said = data
  host.own = data.figure + data.alt
  host.take = ([figure, alt]) => {
    host.said = { figure, alt }
    show(host, data)
  }
  show(host, data)
  // Streamlit also cleans up where it keeps the node: only a node that has left the page is taken apart.
  return () => setTimeout(() => host.isConnected || clear(host), 1000)
}

function show(host, { height, script }) {
  const { figure, alt } = host.said
  host.setAttribute("role", "img")
  host.setAttribute("aria-label", alt)
  host.style.height = `${height}px`
  const look = colours(host)
  const wanted = figure + JSON.stringify([height, look])
  if (host.wanted === wanted) return
  host.wanted = wanted
  host.figure = dressed(JSON.parse(figure), height, look)
  if (!window.Plotly) sketch(host.querySelector(".sketch"), host.figure)
  plotly(script).then(() => drawSoon(host), () => {
    host.querySelector(".trouble").textContent = alt
  })
}

// Once it is seen, and not before the page had time for other things since the last drawing: only the latest figure counts.
function drawSoon(host) {
  watch(host)
  if (host.waiting || !host.seen) return
  const free = () => Math.max(0, Math.max(host.restUntil ?? 0, window.metaplayRestsUntil ?? 0) - performance.now())
  host.waiting = setTimeout(async () => {
    await turn()
    host.waiting = null
    if (!host.isConnected || host.drawn === host.figure) return
    if (free()) drawSoon(host)
    else draw(host)
  }, free())
}

// As many charts a frame of the page as leave the reader no long wait for the first while others are still to be drawn.
function turn() {
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
  const next = () => drawnFor() > FRAME && frame()
  return (window.metaplayTurn = (window.metaplayTurn ?? Promise.resolve()).then(next))
}

// Milliseconds that charts have been drawn for in this frame, and `more`.
function drawnFor(more = 0) {
  const at = document.timeline.currentTime
  if (window.metaplayFrame?.at !== at) window.metaplayFrame = { at, took: 0 }
  return (window.metaplayFrame.took += more)
}

function draw(host) {
  const began = performance.now()
  const shape = shapeOf(host.figure) // before Plotly writes into it
  const draws = shape && shape === host.shape ? move : redraw
  host.drawn = host.figure
  host.shape = shape
  host.drawing = draws(host.querySelector(".canvas"), host.figure)
  host.querySelector(".sketch")?.remove()
  const now = performance.now()
  const took = now - began
  drawnFor(took)
  host.restUntil = now + Math.min(LONGEST_REST, REST * took)
  if (took > HEAVY) window.metaplayRestsUntil = now + Math.min(LONGEST_REST, took)
}

function redraw(canvas, { data, layout, frames }) {
  const config = { displaylogo: false, displayModeBar: false, responsive: false, doubleClick: "reset" }
  return window.Plotly.react(canvas, { data, layout, frames, config })
}

// In half the time that a redraw takes.
function move(canvas, { data }) {
  const traces = data.map((_, index) => index)
  const points = data.map((trace) => Object.fromEntries(POINTS.filter((name) => trace[name]).map((name) => [name, trace[name]])))
  const at = { mode: "immediate", frame: { duration: 0, redraw: false }, transition: { duration: 0 } }
  return window.Plotly.animate(canvas, { data: points, traces }, at)
}

// All of a figure but where its points are and what is written there; of one that has more than lines between axes that stand, nothing.
function shapeOf({ data, layout, frames }) {
  const axes = Object.entries(layout).filter(([name]) => /^[xy]axis/.test(name))
  const stands = axes.length > 1 && axes.every(([, axis]) => axis.range)
  const lines = data.every(({ type, x, y }) => type === "scatter" && Array.isArray(x) && Array.isArray(y))
  const rest = (trace) => ({ ...trace, ...Object.fromEntries(POINTS.map((name) => [name, Array.isArray(trace[name])])) })
  return stands && lines && JSON.stringify([data.map(rest), layout, frames])
}

function watch(host) {
  if (host.observers) return
  const canvas = host.querySelector(".canvas")
  const size = new ResizeObserver(() => host.drawn && canvas.offsetParent && window.Plotly.Plots.resize(canvas))
  const sight = new IntersectionObserver(([entry]) => {
    host.seen = entry.isIntersecting
    drawSoon(host)
  }, { rootMargin: NEAR, scrollMargin: NEAR }) // the page scrolls within an element of its own
  host.observers = [size, sight]
  host.observers.forEach((observer) => observer.observe(host))
}

function clear(host) {
  host.observers?.forEach((observer) => observer.disconnect())
  host.shape = null
  host.drawing?.catch(() => {}).then(() => window.Plotly.purge(host.querySelector(".canvas")))
}

// Loaded once a page, from the server that the page came from.
function plotly(script) {
  window.metaplayPlotly ??= new Promise((resolve, reject) => {
    const own = document.querySelector('script[src*="static/js/"]')
    const tag = document.createElement("script")
    tag.src = new URL(`../../app/static/${script}`, own ? own.src : `${document.baseURI}static/js/`)
    tag.onload = resolve
    tag.onerror = reject
    document.head.append(tag)
    // An animation that a reader pauses ends as a promise that Plotly breaks, for no reason that it gives.
    addEventListener("unhandledrejection", (event) => event.reason === undefined && event.preventDefault())
  })
  return window.metaplayPlotly
}

function colours(host) {
  const style = getComputedStyle(host)
  const value = (name) => style.getPropertyValue(name).trim()
  const size = parseFloat(getComputedStyle(document.documentElement).fontSize) / USUAL_TYPE
  return { size, text: value("--st-text-color"), border: value("--st-border-color"), font: value("--st-font"),
           touch: matchMedia("(pointer: coarse)").matches }
}

// The page's own background, text colour and font. (The figure's `uirevision` says how long the reader's zoom is kept.)
function dressed(figure, height, look) {
  const layout = { ...larger(figure.layout, look.size), height, autosize: true,
                   paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)" }
  delete layout.width
  if (look.touch) layout.dragmode = false // a finger on a chart scrolls the page
  layout.font = { ...layout.font, color: look.text, family: look.font }
  return { data: figure.data, layout, frames: figure.frames }
}

// In a lecture the page's type is larger than usual: a chart's titles, ticks and notes follow it.
function larger(layout, factor) {
  if (factor === 1) return layout
  const scaled = (value, name) => {
    if (Array.isArray(value)) return value.map((item) => scaled(item))
    if (value === null || typeof value !== "object") return value
    const entries = Object.entries(value).map(([key, item]) => [key, scaled(item, key)])
    const copy = Object.fromEntries(entries)
    if (typeof copy.size === "number" && (name ?? "").endsWith("font")) copy.size *= factor
    return copy
  }
  return scaled(layout)
}

function numbers(values) {
  if (!values?.bdata) return Array.isArray(values) ? values : []
  const bytes = Uint8Array.from(atob(values.bdata), (character) => character.charCodeAt(0))
  return Array.from(new TYPED[values.dtype](bytes.buffer))
}

function sketch(svg, figure) {
  if (!svg) return
  const lines = figure.data
    .filter((trace) => (trace.type ?? "scatter").startsWith("scatter") && trace.line?.color)
    .map((trace) => ({ colour: trace.line.color, points: points(trace, figure.layout) }))
    .filter((line) => line.points.length > 1)
  const all = lines.flatMap((line) => line.points)
  const [x, y] = [0, 1].map((axis) => span(all.map((point) => point[axis])))
  const place = ([a, b]) => `${(8 + 90 * x(a)).toFixed(2)},${(88 - 76 * y(b)).toFixed(2)}`
  svg.innerHTML = '<rect class="frame" x="8" y="12" width="90" height="76" vector-effect="non-scaling-stroke"/>' + lines
    .map((line) => `<polyline vector-effect="non-scaling-stroke" style="stroke:${line.colour}" points="${line.points.map(place).join(" ")}"/>`)
    .join("")
}

function points(trace, layout) {
  const y = numbers(trace.y)
  const scale = (layout[(trace.yaxis ?? "y").replace("y", "yaxis")]?.type === "log") ? Math.log10 : (value) => value
  const x = trace.x ? numbers(trace.x) : y.map((_, index) => index)
  return y.map((value, index) => [x[index], scale(value)]).filter((point) => point.every(Number.isFinite))
}

function span(values) {
  const [low, high] = values.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity])
  return (value) => (high > low ? (value - low) / (high - low) : 0.5)
}
