"""A run's figures as one page of HTML that needs nothing else: Plotly's own script is in it, so it opens anywhere, offline."""

from html import escape

from plotly.offline import get_plotlyjs

from metaplay.charts import views
from metaplay.history import History
from metaplay.text import Language, Text

_SAVE = Text("Save as", "另存为")
_MADE = Text("Made by metaplay from the run's event log.", "由 metaplay 根据训练的事件日志生成。")
_CSS = """
body { font: 15px/1.5 "Source Sans 3", "Source Sans Pro", system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b2430 }
figure { margin: 0 0 2.5rem } figcaption { color: #4a5563 } button { font: inherit; margin-left: .5rem; cursor: pointer }
"""
_JS = """
document.querySelectorAll("figure").forEach((figure) => {
  const plot = figure.querySelector(".js-plotly-plot")
  figure.querySelectorAll("button").forEach((button) => {
    button.onclick = () => Plotly.downloadImage(plot, { format: button.textContent.toLowerCase(), scale: 2,
      filename: figure.id, width: plot.clientWidth, height: plot.clientHeight, setBackground: "opaque" })
  })
})
"""


def report(history: History, language: Language, title: str) -> str:
    """The views of a run below each other, each with its explanation and buttons that save it as SVG and PNG."""
    figures = "".join(
        f'<figure id="{view.key}">'
        f"{view.figure.to_html(full_html=False, include_plotlyjs=False, auto_play=False, config={'displaylogo': False, 'responsive': True})}"
        f"<figcaption><p>{escape(view.alt)} {escape(view.explain)}</p>"
        f'<p>{_SAVE(language)} <button type="button">SVG</button><button type="button">PNG</button></p></figcaption></figure>'
        for view in views(history, language, "light")
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_CSS}</style><script>{get_plotlyjs()}</script></head>"
        f"<body><h1>{escape(title)}</h1>{figures}<p>{_MADE(language)}</p><script>{_JS}</script></body></html>"
    )
