"""Where the host asks for a login, nobody sees more than the way to it."""

from streamlit.testing.v1 import AppTest


def test_without_a_login_there_is_only_the_button(page: AppTest):
    page.user["is_logged_in"] = False
    page.run()
    assert [button.label for button in page.button] == ["Log in"]
    assert not page.exception
    page.user["is_logged_in"] = True
    page.run()
    assert len(page.button) > 3


def test_a_host_that_asks_for_none_has_none(page: AppTest):
    page.run()
    assert "Log in" not in [button.label for button in page.button]
    assert len(page.button) > 3
