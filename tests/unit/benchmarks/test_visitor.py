"""What a page without a browser makes of the server's messages."""

import json

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.visitor import Page


def status(page: Page, text: str) -> None:
    message = ForwardMsg()
    message.delta.new_element.progress.text = text
    page.received(message.SerializeToString())


def fed(page: Page, charts: object) -> None:
    message = ForwardMsg()
    message.delta.new_element.bidi_component.component_name = "metaplay_feed"
    message.delta.new_element.bidi_component.json = json.dumps(charts)
    page.received(message.SerializeToString())


def watches(page: Page, run: str) -> None:
    message = ForwardMsg()
    message.page_info_changed.query_string = f"steps=300&run={run}"
    page.received(message.SerializeToString())


def tick(page: Page) -> None:
    message = BackMsg()
    message.rerun_script.is_auto_rerun = True
    page.sent(message.SerializeToString())


def test_the_first_point_is_that_of_the_run_that_was_started():
    page = Page()
    watches(page, "old")
    status(page, ":blue-badge[Training] · step 1,250 of 2,000")
    assert (page.state, page.step, page.place) == ("Training", 1250, None)
    page.pressed()
    status(page, ":blue-badge[Training] · step 1,300 of 2,000")
    assert set(page.first) == {"pressed"}, "the old run is still there"
    watches(page, "new")
    status(page, ":gray-badge[In the queue] · number 3 in the queue")
    assert (page.place, page.run) == (3, "new")
    assert set(page.first) == {"pressed", "told", "queue"}
    status(page, ":blue-badge[Training] · step 2 of 300")
    fed(page, {"plot-loss": ['{"data": []}', ""]})
    assert "point" not in page.first
    fed(page, {"plot-loss": ['{"data":[{"uid":"train-after"}]}', ""]})
    assert "point" in page.first


def test_the_words_that_tell_how_far_a_run_is_may_follow_its_chart():
    page = Page()
    page.pressed()
    watches(page, "new")
    status(page, ":gray-badge[In the queue] · number 3 in the queue")
    fed(page, {"plot-loss": ['{"data":[{"uid":"train-after"}]}', ""]})
    assert "point" not in page.first
    status(page, ":violet-badge[Finished] · step 300 of 300")
    assert "point" in page.first


def test_the_name_of_the_run_may_follow_the_words_about_it():
    page, done = Page(), ForwardMsg()
    done.script_finished = ForwardMsg.FINISHED_SUCCESSFULLY
    page.pressed()
    status(page, ":gray-badge[In the queue] · number 3 in the queue")
    assert set(page.first) == {"pressed"}
    watches(page, "new")
    page.received(done.SerializeToString())
    assert set(page.first) == {"pressed", "told", "queue"}


def test_the_words_of_a_run_that_had_already_ended_may_follow_its_chart_in_a_part_of_the_page():
    page, part, whole = Page(), ForwardMsg(), ForwardMsg()
    part.metadata.run.fragment_ids.append("part")
    part.new_session.page_script_hash = whole.new_session.page_script_hash = "page"
    page.pressed()
    fed(page, {"plot-loss": ['{"data":[{"uid":"train-after"}]}', ""]})  # of the run before
    page.received(whole.SerializeToString())
    watches(page, "new")
    page.received(part.SerializeToString())
    status(page, ":violet-badge[Finished] · step 300 of 300")
    assert "point" not in page.first, "its chart has not come"
    page.pressed()
    page.received(whole.SerializeToString())
    watches(page, "newer")
    fed(page, {"plot-loss": ['{"data":[{"uid":"train-after"}]}', ""]})
    page.received(part.SerializeToString())
    status(page, ":violet-badge[Finished] · step 300 of 300")
    assert "point" in page.first


def test_a_tick_lasts_from_the_first_question_to_the_answer():
    page = Page()
    tick(page)
    asked = page._asked
    tick(page)
    assert page._asked == asked
    fed(page, {})
    fed(page, {})
    assert len(page.ticks) == 1


def test_what_ticks_stops_when_the_whole_page_is_drawn_anew():
    page, timer = Page(), ForwardMsg()
    timer.auto_rerun.fragment_id, timer.auto_rerun.interval = "part", 0.4
    page.received(timer.SerializeToString())
    assert page.timers.keys() == {"part"}
    part, whole = ForwardMsg(), ForwardMsg()
    part.new_session.page_script_hash = whole.new_session.page_script_hash = "page"
    part.metadata.run.fragment_ids.append("part")
    page.received(part.SerializeToString())
    assert page.timers
    page.received(whole.SerializeToString())
    assert not page.timers


def test_an_error_of_the_program_is_told_from_a_sentence_for_the_reader():
    page, error, sentence = Page(), ForwardMsg(), ForwardMsg()
    error.delta.new_element.exception.type, error.delta.new_element.exception.message = "KeyError", "'x'"
    sentence.delta.new_element.alert.body = "The disk is full."
    sentence.delta.new_element.alert.format = Alert.ERROR
    page.received(error.SerializeToString())
    page.received(sentence.SerializeToString())
    assert (page.problems, page.alerts) == (["KeyError: 'x'"], ["The disk is full."])
