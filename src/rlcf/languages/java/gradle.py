"""What the build files of Gradle say of a project, as far as it can be read without running them."""

import re
from pathlib import Path

from rlcf.languages.java.comments import without_comments

BUILD_FILES = ("build.gradle", "build.gradle.kts")
_RELEASES = (
    re.compile(r"options\.release(?:\.set\(|\s*=)\s*(\d+)"),
    re.compile(r"(?:source|target)Compatibility\s*=?\s*[^\n\d]*?(?:1[._])?(\d+)"),
    re.compile(r"JavaLanguageVersion\.of\(\s*(\d+)"),
)
"""Each beats those after it."""


def release(module: Path) -> int | None:
    """The version of Java that a module's build file names."""
    for path in (module / name for name in BUILD_FILES):
        if path.is_file():
            text = without_comments(path.read_text(encoding="utf-8", errors="replace"))
            if told := next(filter(None, (pattern.search(text) for pattern in _RELEASES)), None):
                return int(told[1])
    return None
