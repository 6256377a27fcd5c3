"""PDF as text, read by a child process that has little time and memory.

A PDF is a program that somebody else wrote: a thousand bytes of it can cost minutes. The child
(this module, run as a program) gets the bytes, no secrets and hard limits; whatever becomes of it,
the review is told in one line.
"""

from __future__ import annotations

import io
import json
import re
import sys
from typing import Any

from review.ground.child import limit, run_child
from review.ground.errors import SourceError
from review.ground.json import parse_json

SECONDS = 20
"""Time of the processor that a PDF may cost; twice as much by the clock."""
MEGABYTES = 1024
"""Memory that the child may ask for."""
MOST_PAGES = 400
MOST_LETTERS = 20_000_000
_SURROGATE = re.compile("[\ud800-\udfff]")
PROGRAM = (
    "import sys; from review.texts.pdf import child; child(int(sys.argv[1]), int(sys.argv[2]))"
)


def pages(data: bytes) -> list[str]:
    """The words of a PDF, page by page.

    :raises SourceError: where it can't be read, takes too much time or memory, is encrypted, or
        holds no words (a scan)
    """
    try:
        done = run_child(PROGRAM, [str(SECONDS), str(MEGABYTES)], data, 2 * SECONDS + 10)
    except TimeoutError:
        raise SourceError(_too_long()) from None
    try:
        said = parse_json(done.stdout)
    except ValueError:
        # Ended by its limit of time, or by one of memory that Python did not survive.
        ended = done.returncode < 0 or b"MemoryError" in done.stderr
        raise SourceError(
            _too_long()
            if ended
            else f"a PDF that can't be read: its reader ended with {done.returncode}"
        ) from None
    if "error" in said:
        raise SourceError(said["error"])
    found: list[str] = said["pages"]
    return found


def _too_long() -> str:
    return (
        f"a PDF that can't be read within {SECONDS} seconds and {MEGABYTES} MB; "
        "a person has to read it"
    )


def child(seconds: int, megabytes: int) -> None:
    """Read a PDF from standard input and write its pages, or what is wrong with it, as JSON."""
    import pypdf  # ours, and loaded before the limits that are for what it reads

    limit(seconds, megabytes)
    said: dict[str, object]
    try:
        said = {"pages": _read(pypdf.PdfReader, sys.stdin.buffer.read())}
    except _UnreadableError as error:
        said = {"error": str(error)}
    except MemoryError:
        said = {"error": f"a PDF that takes over {megabytes} MB to read"}
    sys.stdout.write(json.dumps(said))


def _whole(text: str) -> str:
    """A text with each pair of surrogates as its character, and each half as none that is known."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class _UnreadableError(Exception):
    """What is wrong with a PDF, in words."""


def _read(open_pdf: Any, data: bytes) -> list[str]:
    import logging

    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    found: list[str] = []
    try:
        reader = open_pdf(io.BytesIO(data), strict=False)
        if reader.is_encrypted:
            raise _UnreadableError("an encrypted PDF")
        if len(reader.pages) > MOST_PAGES:
            raise _UnreadableError(
                f"a PDF of {len(reader.pages)} pages, expected at most {MOST_PAGES}"
            )
        for page in reader.pages:
            found.append(_whole(page.extract_text() or ""))
            if sum(map(len, found)) > MOST_LETTERS:
                raise _UnreadableError(f"a PDF of over {MOST_LETTERS:,} letters")
    except (
        PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
        OSError,
        ArithmeticError,
    ) as error:
        raise _UnreadableError(f"a PDF that can't be read: {type(error).__name__}") from None
    if not any(page.strip() for page in found):
        raise _UnreadableError("a PDF without words: a scan, which a person has to read")
    return found
