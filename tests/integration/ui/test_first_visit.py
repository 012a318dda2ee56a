"""What a first visit makes the server import, in a process of its own: each costs seconds then, and memory for good."""

import os
import subprocess
import sys

from tests.integration.ui.conftest import APP

_VISIT = """
import os, sys
from streamlit.testing.v1 import AppTest
page = AppTest.from_file(sys.argv[1], default_timeout=60).run()
assert not page.exception and len(page.button) > 3
for other in sys.argv[2:]:
    page.switch_page(other).run()
    assert not page.exception
print(sorted({"pandas", "pyarrow", "torch", "altair", "scipy", "bokeh"} & sys.modules.keys()), flush=True)
os._exit(0)  # the engine has not been waited for
"""


def test_a_first_visit_waits_for_no_large_library_whatever_page_it_is_to():
    """Two visits that import pandas at once also meet one that is half there."""
    pages = [f"pages/{path.name}" for path in sorted((APP.parent / "pages").glob("*.py"))]
    command = [sys.executable, "-c", _VISIT, str(APP), *pages]
    done = subprocess.run(command, cwd=APP.parent, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr


_WRONG = """
import os, sys
from streamlit.testing.v1 import AppTest
page = AppTest.from_file(sys.argv[1], default_timeout=60).run()
print([error.value for error in page.error], len(page.exception), flush=True)
os._exit(0)
"""


def test_a_setting_that_makes_no_sense_is_told_in_one_sentence():
    command = [sys.executable, "-c", _WRONG, str(APP)]
    wrong = os.environ | {"METAPLAY_DEVICE": "abacus"}
    done = subprocess.run(command, cwd=APP.parent, capture_output=True, text=True, check=False, env=wrong)
    assert done.stdout.strip() == "['METAPLAY_DEVICE = abacus: choose auto, cpu, cuda or mps.'] 0", done.stderr
