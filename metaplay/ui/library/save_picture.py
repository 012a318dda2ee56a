"""Buttons that save the chart beside them as a picture, made in the browser by Plotly itself."""

from streamlit.components.v2 import component

from metaplay.text import Language, Text

_SAVE = Text("Save the chart as {form}", "将图表另存为 {form}")
_HTML = """
<div class="save"><button type="button">SVG</button><button type="button">PNG</button></div>
"""
_CSS = """
.save { display: flex; justify-content: end; gap: 0.4rem; }
button { font: inherit; font-size: 0.85rem; padding: 0.15rem 0.6rem; cursor: pointer; color: var(--st-text-color);
         background: var(--st-background-color); border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius); }
button:hover, button:focus-visible { border-color: var(--st-primary-color); color: var(--st-primary-color); }
"""
# The chart has no ground of its own: a saved one gets that of the page, on which its colours can be read.
_JS = """
export default function ({ data, parentElement }) {
  parentElement.querySelectorAll("button").forEach((button, place) => {
    button.title = button.ariaLabel = data.labels[place]
    button.onclick = () => {
      const plot = document.querySelector(`.st-key-${data.chart} .js-plotly-plot`)
      if (!plot) return
      const ground = getComputedStyle(button).backgroundColor
      const figure = { data: plot.data, layout: { ...plot.layout, paper_bgcolor: ground, plot_bgcolor: ground } }
      const size = { width: plot.clientWidth, height: plot.clientHeight }
      window.Plotly.downloadImage(figure, { format: button.textContent.toLowerCase(), filename: data.file, scale: 2, ...size })
    }
  })
}
"""
_COMPONENT = component("metaplay_save_picture", html=_HTML, css=_CSS, js=_JS)


def save_picture(chart: str, file: str, language: Language) -> None:
    """Draw the buttons for the live plot with the key `chart`; `file` is the picture's name, without its ending."""
    labels = tuple(_SAVE.fill(form=form)(language) for form in ("SVG", "PNG"))  # not a list (ui/feed.py)
    _COMPONENT(key=f"save-{chart}", data={"chart": chart, "file": file, "labels": labels}, width="stretch")
