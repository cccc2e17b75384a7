"""What the terminal shows."""

from pathlib import Path

import pytest

from live.launch import banner as module
from live.launch.banner import banner, phone_origin
from live.seed.people import DEMO_PEOPLE, PASSWORD
from live.settings import Settings

EVERYWHERE = "0.0.0.0"  # noqa: S104 - a setting; nothing is bound here


def test_it_has_every_page_and_the_demo_people(tmp_path: Path) -> None:
    text = banner(Settings(data=tmp_path, port=8081), DEMO_PEOPLE)
    for path in ("/", "/studio", "/counter", "/courier", "/console"):
        assert f"http://127.0.0.1:8081{path}\n" in text
    assert all(person.login in text for person in DEMO_PEOPLE)
    assert f"password {PASSWORD}" in text
    assert "--host 0.0.0.0" in text
    assert "█" not in text, "a phone cannot reach loopback"


def test_a_phone_gets_a_code_with_an_address_that_it_can_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "local_addresses", lambda: ["192.168.1.20", "fd00::1"])
    settings = Settings(data=tmp_path, host=EVERYWHERE)
    assert phone_origin(settings) == "https://192.168.1.20:8080"
    text = banner(settings, [])
    assert "On a phone: https://192.168.1.20:8080" in text
    assert "█" in text
    assert "asks once" in text


def test_behind_a_proxy_the_public_address_counts(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, host=EVERYWHERE, public_url="https://live.example.com")
    assert phone_origin(settings) == "https://live.example.com"
