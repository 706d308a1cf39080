"""How many tokens a text has for a model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rlcf.errors import ModelError
from rlcf.models.loading import load_tokenizer
from rlcf.models.token_counts import token_counter
from tests.tiny import tiny_policy

TEXTS = ["", "x", "int f() {\n    return 1;\n}\n", "  // ünïcödé 𝒙\n\n\n", "<|im_start|> a </s>\t\tb"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model") / "tiny"
    tiny_policy().save(folder)
    return folder


def test_the_counts_are_those_of_the_models_tokenizer(folder: Path, builtin_model: str) -> None:
    for model in (str(folder), builtin_model):
        tokenizer, count = load_tokenizer(model), token_counter(model)
        assert [count(t) for t in TEXTS] == [len(tokenizer(t, add_special_tokens=False)["input_ids"]) for t in TEXTS]


def test_a_folder_needs_no_torch(folder: Path) -> None:
    code = (
        "import sys; from rlcf.models.token_counts import token_counter; "
        "print(token_counter(sys.argv[1])('int x;'), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(token_counter(str(folder))("int x;")), "False"]


@pytest.mark.parametrize("name", ["/nowhere/at-all", "/nowhere/model.gguf", "builtin:none"])
def test_a_model_that_is_not_there_is_one_line(name: str) -> None:
    with pytest.raises(ModelError) as error:
        token_counter(name)
    assert "\n" not in str(error.value)


def test_a_damaged_tokenizer_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "llama"}', encoding="utf-8")
    (tmp_path / "tokenizer.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelError) as error:
        token_counter(str(tmp_path))
    assert "\n" not in str(error.value)
