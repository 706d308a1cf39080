"""C++: checked by libclang with the system's headers."""

from rlcf.config.languages import CppOptions
from rlcf.languages.clang import ClangLanguage, facts


class Cpp(ClangLanguage):
    """C++ as g++ has it; one translation unit for each program."""

    name = "cpp"
    clang_name = "c++"
    grammar = facts.CPP
    suffixes = (".cpp", ".cc", ".cxx", ".hpp", ".hh")
    fence_labels = ("cpp", "c++", "cc", "cxx")
    options_type = CppOptions
