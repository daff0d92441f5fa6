import contextlib
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cango_ops.wire import Garbled
from treasury.chain.descriptors import parse
from treasury.chain.outputs import Output, Split, split

# The test vectors of BIP 84.
ZPUB = "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs"
RECEIVE = ["bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g"]
CHANGE = "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el"
XPRV = "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi"
XPUB = "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8"


def test_the_addresses_of_bip_84():
    wallet = parse(ZPUB)

    assert wallet.addresses(2) == RECEIVE
    assert wallet.addresses(1, branch=1) == [CHANGE]


def test_a_descriptor_says_the_same_as_its_extended_key():
    wallet = parse(parse(ZPUB).text)

    assert (wallet.addresses(2), wallet.branches, wallet.is_ranged) == (RECEIVE, 2, True)


@pytest.mark.parametrize(
    "text", [XPRV, f"wpkh({XPRV}/0/*)", "wpkh(L4rK1yDtCWekvXuE6oXD9jCYfFNV2cWRpVuPLBcCU2z8TrisoyY1)"]
)
def test_a_key_that_spends_is_refused_and_never_repeated(text):
    with pytest.raises(Garbled) as caught:
        parse(text)

    assert "private key" in str(caught.value)
    assert text[10:60] not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "x" * 5000, "wpkh(", "wpkh(xpub)", ZPUB[:-1] + "t", "tr(é/*)", f"wpkh({XPUB}/*)#aaaaaaaa"]
)
def test_a_mistyped_descriptor_is_refused(text):
    with pytest.raises(Garbled):
        parse(text)


def test_the_checksum_is_checked():
    body = f"wpkh({XPUB}/0/*)"
    with pytest.raises(Garbled, match="checksum"):
        parse(f"{body}#qqqqqqqq")


def test_a_coinbase_ripens_at_a_hundred():
    outputs = [Output(1, 901, True), Output(2, 902, True), Output(4, 994), Output(8, 996), Output(16, None)]

    assert split(outputs, tip=1000, min_confirmations=6) == Split(confirmed_sat=5, immature_sat=2, pending_sat=24)


# BIP 86 and BIP 49: the accounts of "abandon ... about" in their test vectors.
BIP86 = (
    "xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWcLteoGVky7D3UKDP9QyrLprQ3VCECoY49yfdDEHGCtMMj92pReUsQ"
)
BIP49 = (
    "tpubDD7tXK8KeQ3YY83yWq755fHY2JW8Ha8Q765tknUM5rSvjPcGWfUppDFMpQ1ScziKfW3ZNtZvAD7M3u7bSs7HofjTD3KP3YxPK7X6hwV8Rk2"
)
UPUB = "upub5EFU65HtV5TeiSHmZZm7FUffBGy8UKeqp7vw43jYbvZPpoVsgU93oac7Wk3u6moKegAEWtGNF8DehrnHtv21XXEMYRUocHqguyjknFHYfgY"
YPUB = "ypub6Ww3ibxVfGzLrAH1PNcjyAWenMTbbAosGNB6VvmSEgytSER9azLDWCxoJwW7Ke7icmizBMXrzBx9979FfaHxHcrArf3zbeJJJUZPf663zsP"


def test_the_addresses_of_bip_86():
    wallet = parse(f"tr({BIP86}/<0;1>/*)")

    assert wallet.addresses(2) == [
        "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr",
        "bc1p4qhjn9zdvkux4e44uhx8tc55attvtyu358kutcqkudyccelu0was9fqzwh",
    ]
    assert wallet.addresses(1, branch=1) == ["bc1p3qkhfews2uk44qtvauqyr2ttdsw7svhkl9nkm9s9c3x4ax5h60wqwruhk7"]


@pytest.mark.parametrize("text", [UPUB, f"sh(wpkh({BIP49}/<0;1>/*))"])
def test_the_address_of_bip_49_on_a_test_network(text):
    wallet = parse(text)

    assert (wallet.network, wallet.addresses(1)) == ("test", ["2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2"])


def test_the_same_account_on_the_main_network():
    assert (parse(YPUB).network, parse(YPUB).addresses(1)) == ("main", ["37VucYSaXLCAsxYyAPfbSi9eh4iEcbShgf"])


def test_scripts_are_those_of_the_addresses():
    wallet = parse(ZPUB)

    assert wallet.scripts(1)[0].hex() == "0014c0cebcd6c3d3ca8c75dc5ec62ebe55330ef910e2"
    assert wallet.scripts(2, 1)[1:] == wallet.scripts(1, 1, 1)
    assert parse(wallet.of_branch(1)).addresses(1) == [CHANGE]


@pytest.mark.parametrize(("count", "branch", "first"), [(0, 0, 0), (1, 2, 0), (1, -1, 0), (1, 0, -1), (1, 0, 2**31)])
def test_addresses_that_are_not_there(count, branch, first):
    with pytest.raises(ValueError, match="no such addresses"):
        parse(ZPUB).scripts(count, branch, first)


PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow"
WIF = "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ"


@pytest.mark.parametrize("text", [PHRASE, WIF, f"pkh({WIF})", f"wpkh({XPRV}/0/*)#aaaaaaaa", f"wpkh({ZPUB}) {XPRV}"])
def test_whatever_looks_like_a_key_is_refused_as_one_and_in_no_traceback(text):
    with pytest.raises(Garbled, match="private key") as caught:
        parse(text)

    assert text not in "".join(traceback.format_exception_only(caught.value))
    assert caught.value.__cause__ is None


@given(st.text(max_size=60) | st.text("wpkhsr(tuldmi)<0;1>/*,xpub#[]'", max_size=60))
def test_noise_is_garbled(text):
    with contextlib.suppress(Garbled):
        parse(text)
