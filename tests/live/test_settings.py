"""Settings are read strictly: what is wrong is told, all of it, before anything starts."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.keys import FILES, KeyRing, kept_keys, rotate
from live.launch.arguments import default_text
from live.launch.errors import SettingsError
from live.settings import Settings, read_settings, variables
from media.settings import MediaSettings

EVERYWHERE = "0.0.0.0"  # noqa: S104 - a setting; nothing is bound here

ROOT = Path(__file__).parents[2]
SECRET = "s" * 32


def problems(environment: dict[str, str], tmp_path: Path) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        read_settings({"NEARLIVE_DATA": str(tmp_path), **environment})
    return caught.value.problems


def test_nothing_needs_to_be_set(tmp_path: Path) -> None:
    settings = read_settings({}, data=tmp_path)
    assert (settings.host, settings.port, settings.uses_tls, settings.demo) == ("127.0.0.1", 8080, False, True)
    assert settings.origin == "http://127.0.0.1:8080"


def test_the_environment_is_parsed_and_options_win(tmp_path: Path) -> None:
    environment = {
        "NEARLIVE_DATA": str(tmp_path),
        "NEARLIVE_PORT": "9000",
        "NEARLIVE_DEMO": "false",
        "NEARLIVE_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
        "NEARLIVE_TURN_URLS": "stun:stun.example.com,turn:turn.example.com:3478",
        "NEARLIVE_TURN_SECRET": "t",
        "PATH": "/bin",
    }
    settings = read_settings(environment, port=9001, host=None)
    assert settings.port == 9001
    assert settings.host == "127.0.0.1"
    assert settings.demo is False
    assert [str(network) for network in settings.trusted_proxies] == ["10.0.0.0/8", "::1/128"]
    assert settings.turn_urls == ("stun:stun.example.com", "turn:turn.example.com:3478")


def test_every_problem_is_told_at_once_and_no_secret_with_it(tmp_path: Path) -> None:
    found = problems(
        {
            "NEARLIVE_PROT": "1",
            "NEARLIVE_PORT": "70000",
            "NEARLIVE_TLS": "maybe",
            "NEARLIVE_TOKEN_KEYS": '{"current": "a", "keys": {"a": "hunter2"}}',
            "NEARLIVE_PUBLIC_URL": "https://example.com/shop",
            "MONGODB_URI": "postgres://hunter2@db",
            "NEARLIVE_REDIS_URL_FILE": "/nowhere",
        },
        tmp_path,
    )
    told = "\n".join(found)
    for variable in ("PROT", "PORT", "TLS", "TOKEN_KEYS", "PUBLIC_URL", "MONGODB_URI", "REDIS_URL_FILE"):
        assert any(problem.startswith(f"NEARLIVE_{variable}:") for problem in found), (variable, told)
    assert len(found) == 7, told
    assert "did you mean NEARLIVE_PORT?" in told
    assert "hunter2" not in told


@pytest.mark.parametrize(
    "environment",
    [
        {"NEARLIVE_TLS_CERT": "/cert.pem"},
        {"NEARLIVE_TURN_URLS": "turn:a"},
        {"NEARLIVE_MEDIA_UPD_PORT": "5000"},
        {"MONGODB_URI": "mongodb://a", "NEARLIVE_MONGODB_URI": "mongodb://b"},
        {"NEARLIVE_DATA": "/proc/nearlive"},
        {"NEARLIVE_PORT": ""},
    ],
)
def test_what_does_not_fit_together_is_refused(environment: dict[str, str], tmp_path: Path) -> None:
    assert len(problems(environment, tmp_path)) == 1


def test_a_secret_comes_from_a_file_and_media_settings_are_known(tmp_path: Path) -> None:
    file = tmp_path / "uri"
    file.write_text("mongodb://user:pass@db/\n")
    settings = read_settings(
        {"MONGODB_URI_FILE": str(file), "NEARLIVE_MEDIA_UDP_PORT": "5000", "NEARLIVE_DATA": str(tmp_path)}
    )
    assert settings.mongodb_uri == "mongodb://user:pass@db/"
    assert settings.demo is False, "a database of one's own is not filled with a demo"
    assert "pass" not in repr(settings)


@pytest.mark.parametrize(
    ("host", "tls", "expected"),
    [
        ("127.0.0.1", "auto", False),
        ("localhost", "auto", False),
        ("::1", "auto", False),
        (EVERYWHERE, "auto", True),
        ("shop.lan", "auto", True),
        (EVERYWHERE, "off", False),
        ("127.0.0.1", "on", True),
    ],
)
def test_tls_is_on_where_a_phone_needs_it(host: str, tls: str, *, expected: bool, tmp_path: Path) -> None:
    assert read_settings({}, data=tmp_path, host=host, tls=tls).uses_tls is expected


def test_another_process_reads_the_same_settings(tmp_path: Path) -> None:
    settings = read_settings(
        {
            "NEARLIVE_TRUSTED_PROXIES": "10.0.0.0/8",
            "NEARLIVE_TLS_CERT": "/c",
            "NEARLIVE_TLS_KEY": "/k",
            "REDIS_URL": "redis://x",
        },
        data=tmp_path,
    )
    assert read_settings(settings.environment()) == settings


def test_keys_are_made_once_and_for_our_eyes_only(tmp_path: Path) -> None:
    first = Settings(data=tmp_path / "new")
    again = Settings(data=tmp_path / "new")
    assert first.token_keys == again.token_keys
    assert first.token_keys.secret != first.media_keys.secret
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    for name in FILES:
        assert stat.S_IMODE((tmp_path / "new" / name).stat().st_mode) == 0o600


def test_after_a_rotation_what_was_signed_is_still_known(tmp_path: Path) -> None:
    before = kept_keys(tmp_path, "keys.json")
    rotate(tmp_path)
    after = kept_keys(tmp_path, "keys.json")
    assert after.current != before.current
    assert after.keys[before.current] == before.secret
    assert after.previous == before.current
    for _ in range(5):
        rotate(tmp_path)
    last = kept_keys(tmp_path, "keys.json")
    assert before.current not in last.keys
    assert len(last.keys) == 3


def test_a_broken_key_file_is_told_and_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("{}")
    (problem,) = problems({}, tmp_path)
    assert "keys.json" in problem
    assert (tmp_path / "keys.json").read_text() == "{}"


@given(
    current=st.text(max_size=3), keys=st.dictionaries(st.text(max_size=3), st.text(min_size=0, max_size=40), max_size=3)
)
def test_a_key_ring_signs_with_a_strong_key_that_it_has_or_is_refused(current: str, keys: dict[str, str]) -> None:
    try:
        ring = KeyRing(current=current, keys=keys)
    except ValueError:
        assert current not in keys or min(map(len, keys.values())) < 32
    else:
        assert len(ring.secret) >= 32
        assert set(ring.rotated().keys) >= {current}


def test_operations_lists_every_setting_as_it_is() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `NEARLIVE_")}
    expected: dict[str, str] = {}
    for field, info in Settings.model_fields.items():
        expected[variables(field)[0]] = f"| `{variables(field)[0]}` | {default_text(info)} | {info.description} |"
    for field, info in MediaSettings.model_fields.items():
        name = f"NEARLIVE_MEDIA_{field.upper()}"
        expected[name] = f"| `{name}` | {default_text(info)} | {info.description or ''} |"
    assert rows == expected
