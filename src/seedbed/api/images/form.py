"""A form (multipart/form-data) that is there as a whole: its fields and its files.

Floor 6. Files that are kept come in pieces and are read by `seedbed.api.files.form`; the few
files of a model call come with its body, which is bounded. The first line of a form is its
boundary, so that its headers are not needed.
"""

from collections.abc import Mapping

from python_multipart.multipart import parse_options_header

from seedbed.core.errors import RequestMalformed
from seedbed.core.value import value

_LONGEST_BOUNDARY = 72
_MOST_PARTS = 200
_LONGEST_FIELD = 1 << 20


@value
class Form:
    """Fields by their names, of which the last counts that says a name again; all that each name
    says, and the files of each, in order.
    """

    fields: Mapping[str, str]
    said: Mapping[str, tuple[str, ...]]
    files: Mapping[str, tuple[bytes, ...]]


def read_form(body: bytes) -> Form:
    """The fields and files of a form; a name may end in `[]`, as those of lists do.

    Raises:
        RequestMalformed: it is none, is cut off, or has too many parts or too long a field.
    """
    boundary, line_end, _ = body[:_LONGEST_BOUNDARY].partition(b"\r\n")
    if not (boundary.startswith(b"--") and len(boundary) > 2 and line_end):
        raise _malformed("it does not begin with a boundary")
    parts = (b"\r\n" + body).split(b"\r\n" + boundary, _MOST_PARTS + 1)[1:]
    if not parts[-1].startswith(b"--"):
        raise _malformed(f"it is cut off before its end, or has more than {_MOST_PARTS} parts")
    said, files = dict[str, tuple[str, ...]](), dict[str, tuple[bytes, ...]]()
    for part in parts[:-1]:
        name, is_file, data = _part(part)
        if is_file:
            files[name] = (*files.get(name, ()), data)
        elif len(data) > _LONGEST_FIELD:
            raise _malformed(f"its field {name[:40]!r} is longer than {_LONGEST_FIELD:,} bytes")
        else:
            said[name] = (*said.get(name, ()), data.decode("utf-8", "replace"))
    return Form({name: those[-1] for name, those in said.items()}, said, files)


def _part(part: bytes) -> tuple[str, bool, bytes]:
    """The name of a part, whether it is a file, and what it has in it."""
    head, blank, data = part.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n") if blank else ():
        field, _, told = line.partition(b":")
        if field.strip().lower() == b"content-disposition":
            _, options = parse_options_header(told.strip())
            if b"name" in options:
                name = options[b"name"].decode("utf-8", "replace")
                return name.removesuffix("[]"), b"filename" in options, data
    raise _malformed("one of its parts has no name")


def _malformed(why: str) -> RequestMalformed:
    return RequestMalformed(
        f"The form cannot be read: {why}.", hint="Send multipart/form-data with its files in it."
    )
