"""The texts of markup: as it stands, and as it is read when the tags are gone, so that what is split over elements is found."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator

from kaa_analysis.render.gate.png_texts import png_texts
from kaa_analysis.render.gate.unreadable import Unreadable

HTML = re.compile(
    r"</?(?:address|article|aside|blockquote|body|br|button|caption|dd|desc|details|div|dl|dt|figcaption|figure|footer|h[1-6]|head"
    r"|header|hr|label|legend|li|main|math|meta|nav|ol|option|p|pre|script|section|style|summary|svg|table|tbody|td|text|tfoot|th"
    r"|thead|title|tr|ul)(?![\w:-])",
    re.IGNORECASE,
)
"""The tags of HTML and SVG that separate words; all others are taken to stand in the middle of one."""
OFFICE = re.compile(
    r"(?!<[^>]*/>)(?!</?(?:\w+:)?(?:r|t|rPr|rPh|delText|ins|del|hyperlink|smartTag|sdt|sdtPr|sdtContent|fldSimple|noBreakHyphen)(?![\w:-]))"
    r"|<(?:\w+:)?(?:br|tab|cr|ptab)(?![\w:-])"
)
"""The tags of Office parts that separate words: all but runs, what wraps runs, and empty elements that are no break."""

_PAYLOAD = re.compile(r"data:([\w.+-]+/[\w.+-]+)(?:;[\w.=-]+)*;base64,([A-Za-z0-9+/=\s]*)")
_TAG = re.compile(r"""<!--.*?-->|<[A-Za-z/!?](?:[^<>"']++|"[^"]*+"|'[^']*+')*+>""", re.DOTALL)
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_FONT = re.compile(r"(?:application/)?(?:x-)?font[/-].*")


def plain_text(content: bytes) -> str:
    r"""Return UTF-8 text with character references and ``\uXXXX`` written out.

    >>> plain_text(b"1&#8209;2 \\u0033")
    '1‑2 3'

    Raises:
        Unreadable: it is not UTF-8, or is a packed or printed file under another name.
    """
    if content.startswith((b"PK\x03\x04", b"%PDF-")):
        raise Unreadable("är av ett annat slag än namnet säger")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("är inte text i UTF-8") from None
    written_out = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text) if "\\u" in text else text
    return html.unescape(written_out) if "&" in written_out else written_out


def markup_texts(content: bytes, *, style: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Give markup without its base64 payloads, its text without tags, and the texts of what the payloads hold.

    ``style`` matches the tags that separate words (`HTML` or `OFFICE`).

    Raises:
        Unreadable: it is not UTF-8, or a payload is neither a font, a PNG nor text.
    """
    text = plain_text(content)
    for payload in _PAYLOAD.finditer(text):
        yield from _payload_texts(payload[1], payload[2])
    raw = _PAYLOAD.sub("data:", text)
    yield "", raw
    yield "", html.unescape(_TAG.sub(lambda tag: "\n" if style.match(tag[0]) else "", raw))


def _payload_texts(media_type: str, packed: str) -> Iterator[tuple[str, str]]:
    if _FONT.fullmatch(media_type):
        return
    try:
        content = base64.b64decode("".join(packed.split()), validate=True)
    except binascii.Error:
        raise Unreadable("inbäddad fil kan inte packas upp") from None
    if media_type == "image/png":
        yield from png_texts(content)
    elif media_type == "image/svg+xml" or media_type.startswith("text/"):
        yield from markup_texts(content, style=HTML)
    else:
        raise Unreadable("inbäddad fil av okänt slag")
