"""Where webhooks may go, however the address is spelt."""

from ipaddress import ip_address

import pytest

from cango_ops.alerts.reach import Goal, NotAllowed, checked, refuse_inside, resolved

HOSTS = ["hooks.example.com", ".pager.example", "localhost", "127.0.0.1", "10.0.0.5", "[::1]", "::1", "169.254.169.254"]


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/", "https://hooks.example.com.evil.example/", "https://example.com/",
        "https://hooks.example.com@evil.example/", "https://user:pw@hooks.example.com/", "ftp://hooks.example.com/",
        "http://hooks.example.com/", "file:///etc/passwd", "https://", "https:///path", "//hooks.example.com/",
        "https://pagerXexample/", "https://hooks.example.com:99999/", "https://hooks.example.com/#x", "javascript:1",
        "https://[::1", "https://hooks.example.com\\@evil.example/", "gopher://localhost/",
    ],
)  # fmt: skip
def test_what_is_not_named_is_refused(url):
    with pytest.raises(NotAllowed):
        checked(url, HOSTS, [])


@pytest.mark.parametrize("url", ["https://hooks.example.com/a?b=c", "https://eu.pager.example:8443/x"])
def test_what_is_named_is_allowed(url):
    assert checked(url, HOSTS, []).geturl() == url


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.5", "192.168.1.1", "172.16.0.1", "100.64.0.1", "::1", "fd00::1", "fe80::1", "0.0.0.0",
     "169.254.169.254", "::ffff:10.0.0.5", "::ffff:8.8.8.8", "64:ff9b::a00:5", "2002:a00:5::",
     "224.0.0.1", "240.0.0.1"],
)  # fmt: skip
def test_no_address_inside_is_called_unless_its_network_is_named(address):
    with pytest.raises(NotAllowed):
        refuse_inside(ip_address(address), [], is_tls=True)


def test_a_public_address_is_called_by_tls_alone():
    refuse_inside(ip_address("8.8.8.8"), [], is_tls=True)
    with pytest.raises(NotAllowed, match="only https"):
        refuse_inside(ip_address("8.8.8.8"), ["10.0.0.0/8"], is_tls=False)


@pytest.mark.parametrize("url", ["https://localhost/", "https://127.0.0.1/", "https://[::1]/"])
def test_a_name_is_judged_by_the_address_that_it_resolves_to(url):
    with pytest.raises(NotAllowed, match="is inside"):
        resolved(url, HOSTS, [])


def test_a_network_that_is_named_is_called_also_without_tls():
    goal = resolved("http://localhost:8080/a?b=c", HOSTS, ["127.0.0.0/8", "::1/128"])

    assert goal._replace(address="") == Goal("localhost", "", 8080, "/a?b=c", is_tls=False)
    assert goal.address in ("127.0.0.1", "::1")


def test_instance_metadata_is_never_called_whatever_is_named():
    with pytest.raises(NotAllowed, match="metadata"):
        refuse_inside(ip_address("169.254.169.254"), ["169.254.0.0/16"], is_tls=True)


def test_a_network_that_is_named_is_no_way_to_another():
    with pytest.raises(NotAllowed):
        resolved("http://127.0.0.1/", HOSTS, ["10.0.0.0/8"])
