"""A button that copies the page's address, which is the share link."""

from collections.abc import Mapping

from streamlit.components.v2 import component

from metaplay.text import Language, Text

_LABEL = Text("Copy link", "复制链接")
_DONE = Text("Copied", "已复制")
_HELP = Text(
    "The link opens this very set-up and run, in any browser that reaches this server.",
    "在任何能访问此服务器的浏览器中打开此链接，即可得到完全相同的设置和训练。",
)
_HTML = """
<button type="button">
</button>
"""
_CSS = """
button { font: inherit; font-size: 0.9rem; height: 2.5rem; padding: 0 0.75rem; cursor: pointer; white-space: nowrap;
         color: var(--st-text-color); background: var(--st-background-color);
         border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius); }
button:hover, button:focus-visible { border-color: var(--st-primary-color); color: var(--st-primary-color); }
"""
# Browsers lend the clipboard to secure pages only; elsewhere (http in a lecture hall) a selected text field still can copy.
_JS = """
export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button")
  button.textContent = data.label
  button.title = data.help
  button.onclick = async () => {
    const link = new URL(location.href)
    data.query.forEach(([name, value]) => link.searchParams.set(name, value))
    if (window.isSecureContext) await navigator.clipboard.writeText(link.href)
    else copySelected(link.href)
    button.textContent = data.done
    setTimeout(() => { button.textContent = data.label }, 1500)
  }
}

function copySelected(text) {
  const field = document.createElement("textarea")
  field.value = text
  document.body.append(field)
  field.select()
  document.execCommand("copy")
  field.remove()
}
"""
_COMPONENT = component("metaplay_copy_link", html=_HTML, css=_CSS, js=_JS)


def copy_link(language: Language, query: Mapping[str, str]) -> None:
    """Draw the button; what `query` says is added to the link."""
    # Pairs, not a dictionary: of that Streamlit asks pandas whether it is a table, and a first visit would wait for its import.
    data = {"label": _LABEL(language), "done": _DONE(language), "help": _HELP(language), "query": tuple(query.items())}
    _COMPONENT(key="copy-link", data=data, width="content")
