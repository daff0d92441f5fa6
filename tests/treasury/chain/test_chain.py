import pytest

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
