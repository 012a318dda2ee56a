"""The figure of the report as SVG, drawn by Plotly in a browser without a window."""

import json
import os
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory

from plotly.offline import get_plotlyjs

from benchmarks.peers.process import ROOT
from play import BROWSERS

SIZE = (860, 560)
_PAGE = """<!doctype html><meta charset="utf-8"><div id="plot"></div><pre id="made"></pre><script>{plotly}</script><script>
const figure = {figure}
Object.assign(figure.layout, {{paper_bgcolor: "white", plot_bgcolor: "white"}})
Plotly.toImage(figure, {{format: "svg", width: {width}, height: {height}}}).then(url => {{
  document.getElementById("made").textContent = decodeURIComponent(url.slice(url.indexOf(",") + 1))
}})
</script>"""


def save_svg(path: Path) -> str:
    """Draw a figure's JSON file as an SVG beside it. Returns what was done, or why it was not: a browser is needed."""
    browser = os.environ.get("METAPLAY_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return f"No Chromium found: {path.name} was not drawn as SVG."
    width, height = SIZE
    figure = json.loads(path.read_text(encoding="utf-8"))
    page = _PAGE.format(plotly=get_plotlyjs(), figure=json.dumps(figure), width=width, height=height)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "figure.html"
        file.write_text(page, encoding="utf-8")
        words = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", "--dump-dom"]
        drawing = [browser, *words, file.as_uri()]
        try:
            done = subprocess.run(drawing, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            return f"The browser took too long over {path.name}."
    made = re.search(r'<pre id="made">(.+)</pre>', done.stdout, re.DOTALL)
    if not made:
        return f"The browser did not draw {path.name}."
    path.with_suffix(".svg").write_text(unescape(made[1]), encoding="utf-8")
    return f"{path.with_suffix('.svg').name} drawn"
