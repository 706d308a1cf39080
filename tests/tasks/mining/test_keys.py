"""What looks like a key in a source file, and what does not."""

from __future__ import annotations

import time

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
        "-----BEGIN PGP PRIVATE KEY BLOCK-----",
        'key = "AIzaSyA1234567890abcdefghijklmnopqrstuv"',
        '"sk_live_abcdefghijklmnop"',
        '"rk_test_abcdefghijklmnop"',
        'OpenAI("sk-proj-abcdefghijklm_opq-rst4")',
        'OpenAI("sk-abcdefghijklmnopqr12")',
        '"github_pat_11ABCDEFG0abcdefghijklmn"',
        '"ghp_' + "aB3" * 12 + '"',
        "xoxb-123456-abcdef",
        "Bearer eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.sig",
        'private_key: "hunter2222"',
        'İİ password = "hunter2222"',
        'AWS_SECRET_ACCESS_KEY = "wJalrXUtnFEMI/bPxRfiCYEXAMPLEKEY"',
        'awsSecretAccessKey: "wJalrXUtnFEMI/bPxRfiCYEXAMPLEKEY"',
        "const PASSWORD = `hunter2secret9`;",
        'password = "my secret pass"',
        'errors.password = "Password required";',
        "{'passphrase': 'correct horse battery staple'}",
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
        'checkPassword("Enter the new one")',
        '"https://host:8080/a@b"',
        '"https://user:${password}@host"',
        '"%s://%s:%s@%s"',
        '"0123456789ABCDEF"',
        "const password = `${process.env.SECRET}`;",
        'password = "${db.password}"',
        'class="sk-estimator-doc-link-label"',
        'disk-abcdefghijklmnopqrst1 = "task-1"',
        '"the quick brown fox jumps over the lazy dog, twice in 1 day"',
    ],
)
def test_this_does_not(text: str) -> None:
    assert not keys(text)


KEY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC+/KcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"


@pytest.mark.parametrize(
    "block",
    [
        f"-----BEGIN PRIVATE KEY-----\n{KEY}\n{KEY}\n-----END PRIVATE KEY-----",
        f'a = "-----BEGIN EC PRIVATE KEY-----\\n"\n    + "{KEY}\\n"\n    + "-----END EC PRIVATE KEY-----\\n";',
        f"-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\n{KEY}\n-----END PGP PRIVATE KEY BLOCK-----",
        f"-----BEGIN RSA PRIVATE KEY-----\n{KEY}\n{KEY}",
    ],
)
def test_a_private_key_is_all_of_its_block(block: str) -> None:
    text = f"a\n{block}\nb\n"
    rest = text[after_keys(text, len(text)) :]
    assert rest == ("b\n" if "END" in block else "")
    inside = text.index(KEY) + 9
    assert after_keys(text, inside) == inside
    assert text[: before_keys(text)] == "a\n"


def test_what_follows_a_key_without_an_end_is_shown_again() -> None:
    text = "-----BEGIN PRIVATE KEY-----\n" + 1_000 * "call(a);\n"
    assert 0 < after_keys(text, len(text)) < len(text) - 3_000


@pytest.mark.parametrize(
    "part",
    [
        "-----BEGIN PRIVATE KEY-----\n", "-----BEGIN ", "password = '", "password = 'aaaa bbbb ", "password: ", "-eyJ-",
        "eyJaaaaaaaaaaa.", "sk-", " sk-a-", "://a", "secret_access_", "'1a", "password = `${",
    ],
)  # fmt: skip
def test_a_long_text_is_read_in_time(part: str) -> None:
    start = time.process_time()
    keys(part * (200_000 // len(part)))
    assert time.process_time() - start < 3


def test_what_follows_the_line_of_the_last_key() -> None:
    text = 'a\npassword = "hunter2222"; b\nc\nsecret = "hunter2222"\nd'
    assert text[after_keys(text, len(text)) :] == "d"
    assert text[after_keys(text, text.index("secret")) :].startswith("c\n")
    assert after_keys(text, 1) == 0
    assert text[: before_keys(text)] == "a\n"
    assert before_keys("a\nb") == 3
