"""How a task is put to an instruct model. `extraction.completion_of` reads the answer."""

_QUESTION = """\
Complete this {language} program. Answer with the complete program in one code block, and with nothing else.

```{language}
{prompt}
```"""


def question(prompt: str, language: str) -> str:
    """What the user of a chat says, to get the program that `prompt` begins."""
    return _QUESTION.format(language=language, prompt=prompt.rstrip())
