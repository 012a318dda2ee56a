"""Images of ink as pictures that a browser shows. No torch."""

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def picture(ink: NDArray[np.uint8]) -> str:
    """A PNG data URI of an image [H, W] or [H, W, 3], ink 255 on 0: dark ink on white."""
    buffer = io.BytesIO()
    Image.fromarray(255 - ink).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
