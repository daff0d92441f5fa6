"""The pages of orders in a real browser: sound in both themes and every size, and live while somebody else acts."""

import uuid

import pytest
from playwright.sync_api import Page, expect

from compute.commands import approve, hold
from compute.commands.request import Wanted, request
from compute.models import Command, Order
from sites.models import Membership, Role
from tests.compute.commands.worlds import heard_world, machines
from tests.pages.places import room, violations
from tests.worlds import World, make_user

pytestmark = pytest.mark.pages


@pytest.fixture
def world(console_server) -> World:
    return heard_world(6)


def asked(world: World, devices, **more) -> Order:
    ids = tuple(device.pk for device in devices)
    return request(Wanted(uuid.uuid4(), world.pecos, "sleep", ids, "price spike at noon", **more), world.ada)


@pytest.fixture
def orders(world) -> list[Order]:
    """One that waits, one that runs with something of everything."""
    running = approve.approve(asked(world, machines(world.c1)[:4]), world.bo)
    for command, state in zip(running.commands.order_by("pk"), ("confirmed", "failed", "unknown", "sent"), strict=True):
        Command.objects.filter(pk=command.pk).update(state=state, reason="no answer that says what it did (deadline)")
    return [asked(world, machines(world.c1)[4:]), running]


def is_sound(page: Page, size: tuple[int, int]) -> None:
    expect(page.locator("h1")).to_be_visible()
    assert violations(page) == []
    assert room(page)[0] <= size[0]


def addresses(world: World, orders: list[Order]) -> list[str]:
    return [
        "/commands/",
        f"/commands/{orders[1].pk}/",
        f"/commands/new/?container={world.c1.pk}&box={world.c1.pk}&verb=sleep&hours=2",
        "/hold/",
    ]


def test_every_page_is_sound(visit, world, orders, size, theme):
    hold.press(uuid.uuid4(), world.ada, site=world.pecos, reason="smoke in C1")
    page = visit("/commands/", user=world.bo, size=size, theme=theme)
    for address in addresses(world, orders):
        page.goto(address)
        is_sound(page, size)


def test_the_policy_s_page_is_sound(visit, world, size, theme):
    admin = make_user("Al")
    Membership.objects.create(user=admin, role=Role.ADMIN)
    is_sound(visit("/commands/policy/PECOS/", user=admin, size=size, theme=theme), size)


def test_empty_pages_are_sound(visit, world, theme):
    page = visit("/commands/", user=world.ada, theme=theme)
    expect(page.locator("h1")).to_have_text("No order waits or runs")
    is_sound(page, (1366, 768))


def test_from_the_container_to_a_running_order(visit, world):
    page = visit("/sites/PECOS/C1/", user=world.ada)
    page.get_by_role("link", name="Command machines").click()
    page.get_by_label("C1").check()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="6 machines would draw 20.8 kW less")).to_be_visible()
    page.get_by_label("Why").fill("price spike")
    page.get_by_role("button", name="Request").dblclick()
    expect(page.locator("h1")).to_contain_text("Put to sleep 6 machines at PECOS: waiting for approval")
    assert Order.objects.count() == 1

    order = Order.objects.get()
    approve.approve(order, world.bo)
    expect(page.locator("h1")).to_contain_text("running")

    page.get_by_role("button", name="Stop").click()
    expect(page.locator("h1")).to_contain_text("stopped")
    expect(page.locator("#machines-room")).to_contain_text("Stopped")


def test_a_double_click_on_approve_approves_once(visit, world):
    order = asked(world, machines(world.c1))
    page = visit("/commands/", user=world.bo)
    page.get_by_role("button", name="Approve").dblclick()
    expect(page.locator("h1")).to_contain_text("at PECOS: running")
    assert order.approvals.count() == 1


def test_a_hold_stands_on_every_open_page_at_once_and_goes_with_it(visit, world):
    pages = [visit(address, user=world.ada) for address in ("/", "/hold/", "/commands/new/?site=PECOS")]
    pages[0].get_by_role("button", name="Pause").click()

    placed = hold.press(uuid.uuid4(), world.bo, site=world.pecos, reason="smoke")
    for page in pages:
        expect(page.locator("#hold-line")).to_contain_text("Hold of PECOS since")
        is_sound(page, (1366, 768))
    hold.lift(placed, world.bo)
    for page in pages:
        expect(page.locator("#hold-line")).to_have_text("")


def test_without_the_socket_the_hold_is_asked_for(visit, world):
    page = visit("/hold/", user=world.ada)
    page.route_web_socket("**/live", lambda socket: socket.close())
    page.reload()
    hold.press(uuid.uuid4(), world.bo, site=world.pecos, reason="smoke")
    expect(page.locator("#hold-line")).to_contain_text("Hold of PECOS since")


def test_the_red_hold_is_two_clicks_away_on_every_page(visit, world):
    page = visit("/", user=world.ada)
    page.get_by_role("link", name="Hold", exact=True).click()
    page.get_by_role("button", name="Hold PECOS").click()
    expect(page.locator(".hold-line")).to_contain_text("Hold of PECOS")
    page.goto("/sites/PECOS/")
    expect(page.locator(".hold-line")).to_contain_text("nothing leaves that was approved before")
