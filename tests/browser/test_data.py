"""Your data: a ZIP is handed in, judged, kept, trained on, and removed; what is refused is said and leaves nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from metaplay.events import Probe
from tests.browser.conftest import PLOT, Server, serving, until
from tests.unit.owndata.making import by_class, drawings, image, intents, packed

Open = Callable[..., Page]
REPORT = ".st-key-data-report"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a data root of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("METAPLAY_DATA", str(tmp_path_factory.mktemp("data")))
        with serving(tmp_path_factory.mktemp("runs")) as running:
            yield running


@pytest.fixture
def data(server: Server, open_page: Open) -> Page:
    """The page."""
    return open_page(f"{server.url}/data", ready="[data-testid=stFileUploader]")


def _hand_in(page: Page, file: Path) -> None:
    page.locator("input[type=file]").set_input_files(file)


@pytest.mark.usefixtures("runs_end")
def test_a_zip_is_handed_in_and_trained_on(data: Page, server: Server, tmp_path: Path):
    _hand_in(data, drawings(tmp_path / "signs.zip"))
    report = data.locator(REPORT)
    expect(report).to_contain_text("1,200 images in 60 classes: 36 classes for training", timeout=60_000)
    expect(report.locator(".samples img")).to_have_count(24)
    expect(data.get_by_role("textbox", name="What to call it")).to_have_value("signs")
    data.locator(".st-key-data-keep button").click()
    kept = data.locator(".st-key-data-set-signs")
    expect(kept).to_contain_text("12 for test", timeout=30_000)
    expect(data.locator(REPORT)).to_have_count(0)
    kept.get_by_text("Examples of each class").click()
    expect(kept.locator(".samples img")).to_have_count(60, timeout=30_000)

    run = _trained(data, server, "signs")
    assert len(_last_probe(server, run).class_accuracy[-1]) == 5
    _see_class_names(data, server, run)


@pytest.mark.usefixtures("runs_end")
def test_intents_are_handed_in_and_trained_on(data: Page, server: Server, tmp_path: Path):
    _hand_in(data, intents(tmp_path / "assistant.csv"))
    expect(data.locator(REPORT)).to_contain_text("180 sentences with 30 labels", timeout=60_000)
    data.locator(".st-key-data-keep button").click()
    expect(data.locator(".st-key-data-set-assistant")).to_contain_text("6 for test", timeout=30_000)

    run = _trained(data, server, "assistant", lambda: data.locator(".st-key-field-out_of_scope label").click())
    names = _see_class_names(data, server, run)
    labels = data.locator(".st-key-plot-classes .xtick text").all_text_contents()
    assert [label.rstrip("…") for label in labels] == [name[:19] if len(name) > 20 else name for name in names]
    expect(data.locator("[data-testid=stMarkdown]", has_text="None of these:")).to_contain_text(
        "chosen on validation tasks", timeout=60_000
    )
    data.locator(".st-key-plot-scope").scroll_into_view_if_needed()  # what is out of sight is not drawn
    threshold = data.locator(".st-key-plot-scope .js-plotly-plot .annotation-text")
    expect(threshold.first).to_contain_text("none of these below", timeout=60_000)


def _trained(page: Page, server: Server, name: str, prepare: Callable[[], None] = lambda: None) -> str:
    """A short run on a set that was kept, from its button to its end; `prepare` does more to the form before it starts."""
    before = set(server.store.list())
    page.locator(f".st-key-data-train-{name} button").click()
    page.locator(PLOT).wait_for(timeout=60_000)
    prepare()
    for label, value in (("Length", "4"), ("Test tasks", "20")):
        number = page.get_by_role("spinbutton", name=label)
        number.fill(value)
        number.press("Enter")
    until(lambda: {"steps=4", "eval_tasks=20"} <= set(page.evaluate("location.search").split("&")), 30, "the address")
    assert f"family=own%3A{name}" in page.evaluate("location.href")
    page.locator(".st-key-train button:visible").click()
    run = until(lambda: set(server.store.list()) - before, 60, "a run").pop()
    until(lambda: server.store.state(run).ended, 180, "the run to end")
    assert server.store.state(run).state == "finished"
    assert server.store.config(run).family == f"own:{name}"
    return run


def _last_probe(server: Server, run: str) -> Probe:
    return [event for event in server.store.tail(run)[0] if isinstance(event, Probe)][-1]


def _see_class_names(page: Page, server: Server, run: str) -> list[str]:
    """The bars of each class say its name."""
    task = server.store.history(run).task
    assert task is not None
    bars = (
        "() => (document.querySelector('.st-key-plot-classes .js-plotly-plot')?.data ?? []).map(one => one.customdata)"
    )
    until(lambda: task.names in page.evaluate(bars), 60, "the bars of these classes")
    return task.names


def test_what_is_left_out_is_named_and_what_is_refused_keeps_nothing(data: Page, tmp_path: Path):
    files = by_class("abcdefgh") | {"a/torn *one*.png": image(9)[:70]}
    _hand_in(data, packed(tmp_path / "a.zip", files))
    expect(data.locator(REPORT)).to_contain_text("torn *one*.png: cannot be read, or breaks off", timeout=60_000)
    _hand_in(data, packed(tmp_path / "b.zip", by_class("abcdefgh") | {"../up.png": image()}))
    expect(data.locator("[data-testid=stAlert]").first).to_contain_text("leads out of the ZIP", timeout=60_000)
    assert data.locator(REPORT).count() == 0


def test_sentences_are_kept_and_removed(data: Page, tmp_path: Path):
    lines = [
        f"say {word} {number} times,{word}"
        for word in ("uno", "dos", "tres", "once", "doce", "cien")
        for number in range(5)
    ]
    (tmp_path / "words.csv").write_text("\n".join(["text,label", *lines]))
    _hand_in(data, tmp_path / "words.csv")
    expect(data.locator(REPORT)).to_contain_text("30 sentences with 6 labels", timeout=60_000)
    expect(data.locator(f"{REPORT} q").first).to_contain_text("say cien 0 times")
    data.locator(".st-key-data-keep button").click()
    kept = data.locator(".st-key-data-set-words")
    expect(kept).to_be_visible(timeout=30_000)
    kept.get_by_text("Remove", exact=True).click()
    data.locator(".st-key-data-really-words button").click()
    expect(kept).to_have_count(0, timeout=30_000)
