"""Where messages about releases may not go."""

import pytest

from tests.treasury.reports.releases import due, receiver
from treasury.closing.close import Refused
from treasury.models import ReleaseDelivery, Subscriber
from treasury.reports.releasing import release_due
from treasury.reports.subscribing import add_webhook
from treasury.reports.telling import tell

pytestmark = pytest.mark.django_db

HOME = "/treasury/reports/"
State = ReleaseDelivery.State


INSIDE = (
    "https://127.0.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/",
    "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://0/", "https://localhost/", "https://10.0.0.7/",
    "https://192.168.1.1/", "https://172.16.0.1/", "https://169.254.169.254/latest/meta-data/",
    "https://100.100.100.200/", "https://[fd00:ec2::254]/", "https://[fe80::1]/", "https://[64:ff9b::7f00:1]/",
    "https://example.com@127.0.0.1/", "https://127.0.0.1#example.com/", "https://example.com.127.0.0.1.evil/",
    "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "https:///x",
    "https://example.com:99999/", "javascript:alert(1)", "https://exa mple.com/", "",
)  # fmt: skip


@pytest.mark.parametrize("url", INSIDE)
def test_a_webhook_leads_to_no_host_that_was_not_allowed(cast, settings, url):
    settings.WEBHOOK_HOSTS = ["example.com"]

    with pytest.raises(Refused):
        add_webhook(url, "en", cast["ines"])
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_an_allowed_name_that_leads_inside_is_not_called(report, cast, settings, host):
    """A name may be allowed and then answer with an address of this machine."""
    with receiver() as server:
        settings.WEBHOOK_HOSTS = [host.strip("[]")]
        add_webhook(f"https://{host}:{server.server_port}/", "en", cast["ines"])
        due(report, cast)
        release_due()
        tell()

    row = ReleaseDelivery.objects.get()
    assert row.state == "failed", row.log
    assert server.came == []
