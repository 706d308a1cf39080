"""Verdicts on Kotlin programs from Kotlin's compiler for the JVM."""

from __future__ import annotations

import json

from rlcf.config.languages import KotlinOptions
from rlcf.errors import UserError
from rlcf.languages.functions import facts_of
from rlcf.languages.kotlin.facts import GRAMMAR
from rlcf.languages.kotlin.server import BATCHING, KotlinChild, server_command
from rlcf.languages.places import Places
from rlcf.languages.pooled import PooledChecker, without_surrogates
from rlcf.records import Diagnostic, MethodFacts


class KotlinChecker(PooledChecker):
    """Each worker is a virtual machine with the compiler in it."""

    tool = "Kotlin's compiler"
    right = 'import java.util.*\n\nfun f(x: List<Int>): String = x.map { it + 1 }.joinToString { "$it" }\n'

    def __init__(self, workers: int, timeout_s: float, options: KotlinOptions) -> None:
        """See `Language.checker`."""
        for path in options.class_path:
            if not path.exists():
                raise UserError(f"no such file or folder on the class path: {path}")
        command = server_command(options)
        self.suspects: set[bytes] = set()
        """Programs of batches that a server did not survive; they are compiled alone."""
        super().__init__(lambda: KotlinChild(command, self.suspects), workers, timeout_s, BATCHING)

    def encoded(self, source: str) -> bytes:
        return without_surrogates(source)

    def diagnostics(self, source: str, answer: bytes) -> tuple[Diagnostic, ...]:
        places = Places(source)
        return tuple(
            places.diagnostic(
                code, severity, message, places.of_line(line - 1, column - 1, "utf-16") if line > 0 else None
            )
            for code, severity, message, line, column in json.loads(answer)
        )

    def facts(self, source: str) -> tuple[MethodFacts, ...] | None:
        return facts_of(source, GRAMMAR)
