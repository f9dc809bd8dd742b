"""Text of files in UTF-8 or, as Chinese Windows writes it, in GB18030."""

#: first bytes of the 3,755 characters in common use (GB 2312, first level), of which Chinese text
#: mostly consists; letters of European code pages come out as rare ones, or as none
_COMMON = range(0xB0, 0xD8)
_LEAST_COMMON = 0.6
#: remedy for text that is neither
SAVE_AS_UTF8 = "it is no UTF-8; perhaps a Windows code page: save it as UTF-8"


def decode(data: bytes) -> str:
    """Return the text of bytes in UTF-8, with or without BOM, or of Chinese in GB18030.

    UTF-8 is tried first: a GB18030 file of very few Chinese characters can by chance be valid UTF-8
    and be misread. Raises UnicodeDecodeError when the bytes are neither, or no plausible Chinese.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = chinese_text(data)
        if text is None:
            raise
        return text


def chinese_text(data: bytes | bytearray) -> str | None:
    """Return the text of bytes in GB18030; None if they are no plausible Chinese."""
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    coded = [char.encode("gb18030") for char in text if not char.isascii()]
    hanzi = [
        code for code in coded if len(code) != 2 or not 0xA1 <= code[0] <= 0xA9
    ]  # punctuation, kana left aside
    n_common = sum(len(code) == 2 and code[0] in _COMMON and code[1] >= 0xA1 for code in hanzi)
    return text if n_common >= _LEAST_COMMON * len(hanzi) else None
