"""C: checked by libclang with the system's headers."""

from rlcf.config.languages import COptions
from rlcf.languages.clang import ClangLanguage, facts


class C(ClangLanguage):
    """C as gcc has it; one translation unit for each program."""

    name = "c"
    clang_name = "c"
    grammar = facts.C
    suffixes = (".c",)
    fence_labels = ("c",)
    options_type = COptions
