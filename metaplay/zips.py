"""Reading a stranger's ZIP: its size is known before anything is read, nothing is unpacked to disk, no more than announced is read."""

import struct
import zlib
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

_LONG_FORM, _END = struct.Struct("<4s16s"), struct.Struct("<4s4H2LH")
"""What may stand and what must stand at the end of a ZIP: where the table of contents of a huge one is, and of any one."""
_LONGEST_COMMENT = 0xFFFF
BROKEN = (BadZipFile, zlib.error, struct.error, EOFError, KeyError, TypeError, AttributeError, ValueError)
BROKEN += (IndexError, OverflowError, NotImplementedError, RuntimeError, OSError)
"""What reading a file raises that is not what it should be."""


def directory_length(file: BinaryIO) -> int:
    """Bytes of the table of contents, which zipfile reads whole. Raises one of BROKEN for what is no ZIP, or one in the long
    form (ZIP64), which nothing that is taken here needs."""
    size = file.seek(0, 2)
    start = max(0, size - _END.size - _LONGEST_COMMENT - _LONG_FORM.size)
    file.seek(start)
    tail = file.read()
    place = tail.rfind(b"PK\5\6")
    if place < 0 or tail[max(0, place - _LONG_FORM.size) : place].startswith(b"PK\6\7"):
        raise ValueError("not a ZIP that can be taken")
    return _END.unpack(tail[place : place + _END.size])[5]


def plain(entry: ZipInfo) -> bool:
    """Whether a file in a ZIP is packed in a usual way, and not locked with a password."""
    return entry.compress_type in (ZIP_STORED, ZIP_DEFLATED) and not entry.flag_bits & 1


def read(archive: ZipFile, entry: ZipInfo) -> bytes:
    """A file of a ZIP, which must be as long as it says; no more than that is ever unpacked. Raises one of BROKEN."""
    with archive.open(entry) as file:
        content = file.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise ValueError("a file in the ZIP is not as long as it says")
    return content
