"""The comments of Java, which its declarations and the build files of Gradle have too."""

import re

_STRING_OR_COMMENT = re.compile(
    r'"(?:[^"\\\r\n]|\\.)*"' r"|'(?:[^'\\\r\n]|\\.)*'|//[^\n\r]*|/\*.*?\*/",
    re.DOTALL,
)


def without_comments(text: str) -> str:
    """The text with a blank in the place of each comment."""
    return _STRING_OR_COMMENT.sub(lambda found: " " if found[0].startswith("/") else found[0], text)
