"""Nothing is sent into the server's own network, however the address is written."""

import pytest

from live.webhooks.errors import InvalidEndpoint
from live.webhooks.targets import NotPublic, _open, check_url, is_public


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "ftp://example.com/hook",
        "https://localhost/hook",
        "https://127.0.0.1/hook",
        "https://10.0.0.8/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/hook",
        "https://[::ffff:10.0.0.1]/hook",
        "https://[fd00::1]/hook",
        "https://redis/hook",
        "https://printer.local/hook",
        "https://metadata.internal/hook",
        "https://user:secret@example.com/hook",
        "https://example.com/hook#part",
        "https://example.com:99999/hook",
        "https://[broken/hook",
        "https:///hook",
        "https://example.com/" + "x" * 2000,
        "not a url",
    ],
)
def test_refused(url: str) -> None:
    with pytest.raises(InvalidEndpoint) as refused:
        check_url(url, anywhere=False)
    assert refused.value.field == "url"


@pytest.mark.parametrize("url", ["https://example.com/hook?a=b", "https://8.8.8.8/", "https://[2001:4860:4860::8888]/"])
def test_taken(url: str) -> None:
    assert check_url(url, anywhere=False) == url


def test_anywhere_takes_loopback_but_no_nonsense() -> None:
    assert check_url("http://127.0.0.1:9000/hook", anywhere=True)
    with pytest.raises(InvalidEndpoint):
        check_url("file:///etc/passwd", anywhere=True)


@pytest.mark.parametrize(
    "address",
    ["0.0.0.1", "100.64.0.1", "192.168.1.1", "224.0.0.1", "fe80::1%eth0", "64:ff9b::a00:1", "2002:a00:1::", "2001::1"],
)
def test_what_a_name_resolves_to_is_judged_where_the_socket_is_made(address: str) -> None:
    """What a resolver answers at the moment of connecting: a name that was public a second ago gets no further."""
    assert not is_public(address)
    with pytest.raises(NotPublic):
        _open((2, 1, 6, "", (address, 443)))
