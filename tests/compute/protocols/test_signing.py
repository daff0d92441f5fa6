"""Signing in at a machine's web server."""

import pytest

from cango_ops.http_frame import HttpFrame
from cango_ops.wire import Ask, NoAnswer
from compute.protocols.antminer import Antminer
from compute.protocols.signing import Login, Signer
from tests.compute.protocols.worlds import Machine, answer

LOGIN = Login("Mufasa", "Circle of Life")
# RFC 7616, section 3.9.1.
NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
CHALLENGE = f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, nonce="{NONCE}", opaque="FQhe"'


def denied(challenge: str = CHALLENGE) -> NoAnswer:
    return NoAnswer("denied", "HTTP 401", challenge)


def test_a_challenge_without_qop_is_answered_as_rfc_2069_did():
    signer = Signer(Login("Mufasa", "CircleOfLife"))
    challenge = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c"'

    assert signer.learn(denied(challenge))
    header = signer.headers("GET", "/dir/index.html")["Authorization"]

    # md5(md5("Mufasa:testrealm@host.com:CircleOfLife"):nonce:md5("GET:/dir/index.html")), the RFC's corrected example.
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in header


def test_with_qop_the_request_is_counted():
    signer = Signer(LOGIN)
    assert signer.learn(denied('Digest realm="r", qop="auth", nonce="n"'))

    first, second = (signer.headers("GET", "/")["Authorization"] for _ in range(2))

    assert "nc=00000001" in first
    assert "nc=00000002" in second
    assert first != second


def test_a_server_may_offer_its_protections_in_any_order_and_case():
    signer = Signer(LOGIN)
    assert signer.learn(denied('DIGEST realm=r,qop="auth-int, Auth",nonce=n,stale=FALSE'))

    assert "qop=auth, nc=00000001" in signer.headers("GET", "/")["Authorization"]


def test_a_session_is_signed_with_the_nonces_of_both():
    signer = Signer(Login("root", "root"))
    assert signer.learn(denied('Digest realm="r", qop="auth", nonce="n", algorithm=MD5-sess'))

    header = signer.headers("GET", "/")["Authorization"]

    # own: sha256("n1")[:16]; md5(md5(md5("root:r:root"):n:own):n:00000001:own:auth:md5("GET:/")).
    assert 'cnonce="676b8bb84ce7267d"' in header
    assert 'response="d207ba60b98b30f906f03d098b538bdd"' in header
    assert "algorithm=MD5-sess" in header


def test_of_several_challenges_the_digest_is_met():
    signer = Signer(LOGIN)

    assert signer.learn(denied('Basic realm="x", Digest realm="r", nonce="a", algorithm=MD5, Digest nonce="b"'))
    assert 'nonce="a"' in signer.headers("GET", "/")["Authorization"]


def test_a_nonce_that_grew_stale_is_followed_by_the_next():
    signer = Signer(LOGIN)
    signer.learn(denied('Digest realm="r", nonce="a"'))

    assert signer.learn(denied('Digest realm="r", nonce="b", stale=true'))
    assert 'nonce="b"' in signer.headers("GET", "/")["Authorization"]


def test_whoever_asks_for_the_password_in_clear_is_not_given_it():
    signer = Signer(Login("root", "root"))

    assert not signer.learn(denied('Basic realm="x"'))
    assert signer.headers("GET", "/") == {}


def test_a_wrong_password_is_not_tried_again():
    signer = Signer(LOGIN)

    assert signer.learn(denied())
    assert not signer.learn(denied())


@pytest.mark.parametrize("challenge", ["", "Negotiate", 'Digest algorithm=MD4, nonce="n"', "Digest " + "x" * 9000])
def test_a_challenge_nobody_can_answer_is_left_alone(challenge):
    signer = Signer(LOGIN)

    assert not signer.learn(denied(challenge))
    assert signer.headers("GET", "/") == {}


def test_without_a_login_nothing_is_signed():
    signer = Signer(None)

    assert not signer.learn(denied())
    assert signer.headers("GET", "/") == {}


def test_a_login_never_shows_its_password():
    assert "Circle" not in repr(LOGIN)


def test_the_frame_hands_the_challenge_on():
    with pytest.raises(NoAnswer) as caught:
        HttpFrame().feed(b'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm="r", nonce="n"\r\n\r\n')

    assert caught.value.challenge == 'Digest realm="r", nonce="n"'


class Guarded(Machine):
    """Denies every page that is not signed."""

    def fetch(self, ask: Ask) -> bytes:
        if ask.port == 80 and b"Authorization: Digest" not in ask.payload:
            raise denied()
        return super().fetch(ask)


def test_an_antminer_is_signed_in_once_for_all_its_pages():
    stats = answer("STATS", {"Type": "Antminer S19"}, {"Elapsed": 90, "GHS 5s": 95000.0})
    machine = Guarded({"stats": stats, "get_system_info": b'{"macaddr":"02:B3:B9:8C:1E:C8"}'})

    reading = machine.talk(Antminer(LOGIN).inspect())

    assert reading.mac == "02:B3:B9:8C:1E:C8"
    assert machine.names.count("get_system_info") == 2
    assert machine.names.count("web_summary") == machine.names.count("get_miner_conf") == 1
