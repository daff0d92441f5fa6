from collections import Counter

from cango_ops.estate.layout import layout
from cango_ops.estate.nameplates import GPU_PLATES, PLATES
from cango_ops.estate.shares import shares

RESERVED = {"PECOS", "MUSCAT", "GHOST"}


def slots(plan):
    return [slot for site in plan.sites for container in site.containers for slot in container.slots]


def test_the_same_seed_gives_the_same_estate():
    assert layout(7, 620) == layout(7, 620)


def test_another_seed_gives_another_estate():
    assert layout(7, 620) != layout(8, 620)


def test_there_are_42_sites_in_four_regions_of_three_operators():
    plan = layout()

    assert len({site.code for site in plan.sites}) == 42
    assert {site.region for site in plan.sites} == {"NA", "ME", "SA", "EA"}
    assert {site.operator for site in plan.sites} == {"CANGO", "SUNDOWN", "RIFT"}
    assert not RESERVED & {site.code for site in plan.sites}


def test_the_first_site_is_the_owned_one_of_50_mw_in_georgia():
    first = layout().sites[0]

    assert (first.code, first.kind, first.capacity_mw, first.time_zone) == ("MACON", "owned", 50, "America/New_York")


def test_by_default_there_are_6000_asics_and_200_gpu_nodes():
    languages = Counter(slot.language for slot in slots(layout()))

    assert languages["gpu_node"] == 200
    assert languages.total() == 6_200
    assert {"antminer", "braiins", "luxos", "whatsminer_v2", "avalon"} <= set(languages)


def test_no_address_is_given_twice_and_each_says_where_it_stands():
    found = slots(layout())

    assert len({slot.address for slot in found}) == len(found)
    assert layout().sites[4].containers[1].slots[6].address == "127.15.2.7"


def test_every_container_has_room_for_its_machines():
    for site in layout().sites:
        for container in site.containers:
            assert len(container.slots) <= container.rows * container.columns
            assert [slot.slot for slot in container.slots] == list(range(1, len(container.slots) + 1))


def test_every_model_has_a_nameplate():
    assert {slot.model for slot in slots(layout())} <= set(PLATES) | set(GPU_PLATES)


def test_gpu_nodes_stand_in_gpu_and_in_mixed_containers():
    kinds = {c.kind for site in layout().sites for c in site.containers for s in c.slots if s.language == "gpu_node"}

    assert kinds == {"gpu", "mixed"}


def test_the_port_shift_is_on_every_port():
    plan = layout(1, 620, port_shift=100)

    assert {slot.port for slot in slots(plan)} == {4128, 9500}
    assert plan.sites[0].meter.port == 5120
    assert plan.moved_ports == {80: 8181, 502: 5120, 8000: 18100}


def test_the_full_company_has_about_50_ehs():
    plan = layout(1, 400_000)

    ehs = sum(PLATES[slot.model].ths for slot in slots(plan) if slot.model in PLATES) / 1e6
    sizes = [len(container.slots) for site in plan.sites for container in site.containers[:1]]
    assert 48 < ehs < 54
    assert min(sizes) >= 100
    assert len(slots(plan)) == 400_000


def test_shares_lose_nothing_and_leave_nobody_out():
    assert shares(10, [1.0, 1.0, 0.0, 8.0]) == [2, 2, 0, 6]
    assert sum(shares(6_200, [site.capacity_mw for site in layout().sites])) == 6_200
    assert shares(2, [1.0, 5.0, 3.0]) == [0, 1, 1]
