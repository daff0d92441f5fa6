"""Machine models as data: found by what machines call themselves, and plausible."""

import pytest

from compute.protocols.catalog import MODELS, find


@pytest.mark.parametrize(
    ("reported", "model"),
    [
        ("Antminer S19 Pro", "Antminer S19 Pro"),
        ("AntMiner S19 XP", "Antminer S19 XP"),
        ("Antminer S21 Pro (Vnish 1.2.7)", "Antminer S21 Pro"),
        ("Antminer S19j Pro+", "Antminer S19j Pro+"),
        ("M60S_VK40", "Whatsminer M60S"),
        ("M60SVK40", "Whatsminer M60S"),
        ("M30S++_VH40", "Whatsminer M30S++"),
        ("1246", "Avalon A1246"),
        ("AvalonMiner 1246-90", "Avalon A1246"),
        ("A1466I", "Avalon A1466"),
        ("AvalonMiner 1166Pro", "Avalon A1166 Pro"),
        ("AVALONMINER 741", "Avalon A741"),
        ("ANTMINER S19K PRO NOPIC", "Antminer S19k Pro"),
        ("Antminer S19J PRO PLUS", "Antminer S19j Pro+"),
        ("Antminer BHB68601", "Antminer S21"),
        ("NVIDIA RTX PRO 6000 Blackwell Server Edition", "NVIDIA RTX PRO 6000 Blackwell"),
        ("Nano3s", "Avalon Nano 3S"),
        ("Avalon Q", "Avalon Q"),
        ("AT1500", "Teraflux AT1500"),
        ("braiins-am1-s9", "Antminer S9"),
        ("BM1370", "Bitaxe Gamma"),
        ("Tesla T4", "NVIDIA T4"),
        ("NVIDIA H100 80GB HBM3", "NVIDIA H100"),
        ("NVIDIA A100-SXM4-40GB", "NVIDIA A100 40GB"),
    ],
)
def test_a_machine_is_known_by_its_own_name(reported, model):
    assert find(reported).model == model


@pytest.mark.parametrize(
    "reported", ["Antminer S99", "C3012", "S19", "M99", "", "(", "x" * 10_000, "Antminer L3+ (024)"]
)
def test_a_name_that_looks_alike_is_not_taken(reported):
    assert find(reported) is None


@pytest.mark.parametrize("model", [model for model in MODELS.values() if model.kind == "asic"], ids=lambda m: m.model)
def test_power_is_rate_times_efficiency(model):
    assert model.power_w == pytest.approx(model.nameplate_ths * model.efficiency_jth, rel=0.05)


def test_the_nameplate_of_an_s19_pro():
    found = find("Antminer S19 Pro")

    assert (found.vendor, found.nameplate_ths, found.power_w) == ("Bitmain", 110, 3250)
    assert (found.boards, found.fans, found.chips_per_board) == (3, 4, 114)
