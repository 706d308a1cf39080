"""What looks like a key in a source file, and what does not."""

from __future__ import annotations

import pytest

from rlcf.tasks.mining.keys import after_keys, before_keys, keys


@pytest.mark.parametrize(
    "text",
    [
        'String password = "hunter2222";',
        'String apiKey = "abcd1234efgh";',
        'String DB_PASS = "s3cr3tpass!";',
        'var dbPass = "a1b2c3d4e5";',
        'var pwd = "hunter2222";',
        'PASSWORD_2 = "hunter2222"',
        'accessToken = "a1b2c3d4e5"',
        'conn.setPassword("hunter2222");',
        'props.put("password", "hunter2222");',
        'map.put("secret","longsecretvalue1")',
        "{password: 'hunter2222'}",
        '{"password": "hunter2222"}',
        'os.environ["PASSWORD"] = "hunter2222"',
        'password: str = "hunter2222"',
        'connect("jdbc:mysql://root:hunter22@db/x")',
        'String k = "AKIAABCDEFGHIJKLMNOP";',
        '"-----BEGIN RSA PRIVATE KEY"',
        '"0123456789abcdef0123456789abcdef"',
        '"Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyMTIzNA=="',
    ],
)
def test_this_looks_like_a_key(text: str) -> None:
    assert keys(text)


@pytest.mark.parametrize(
    "text",
    [
        'String tokenizer = "whitespace";',
        'TOKEN_TYPE = "Bearer_token";',
        'token = "identifier"',
        'if (token == "identifier1") {}',
        'passwordLabel = "Password:aaaa"',
        'String bypass = "x1234567890";',
        'compass("north1234567")',
        '["secret", "device_code"]',
        'String password = read("PASSWORD_FILE");',
        '"https://host:8080/a@b"',
        '"https://user:${password}@host"',
        '"%s://%s:%s@%s"',
        '"0123456789ABCDEF"',
        '"the quick brown fox jumps over the lazy dog, twice in 1 day"',
    ],
)
def test_this_does_not(text: str) -> None:
    assert not keys(text)


def test_what_follows_the_line_of_the_last_key() -> None:
    text = 'a\npassword = "hunter2222"; b\nc\nsecret = "hunter2222"\nd'
    assert text[after_keys(text, len(text)) :] == "d"
    assert text[after_keys(text, text.index("secret")) :].startswith("c\n")
    assert after_keys(text, 1) == 0
    assert text[: before_keys(text)] == "a\n"
    assert before_keys("a\nb") == 3
