"""The pages of orders: who sees what, what a button does, and that pressed twice it does it once."""

import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cango_ops.base.models import AuditEvent
from compute.commands import approve, hold
from compute.commands.topics import visible_orders, visible_queue
from compute.models import Command, Hold, Order
from sites.models import Membership, Role
from tests.compute.commands.worlds import asked, heard_world, machines, states
from tests.worlds import make_user

pytestmark = pytest.mark.django_db
AS_FRAGMENT = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def world():
    return heard_world()


def text(client, url, **more):
    answer = client.get(url, **more)
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def form_of(client, world, **more):
    """What the previewed page would send."""
    wish = {"container": world.c1.pk, "verb": "sleep"} | (more or {"box": world.c1.pk})
    page = client.get("/commands/new/", wish).content.decode()
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)) | {"reason": "heat"}


def test_an_order_is_previewed_requested_approved_and_listed(client, world):
    client.force_login(world.ada)
    seen = text(client, f"/commands/new/?container={world.c1.pk}&box={world.c1.pk}&verb=sleep&hours=2")
    assert "4 machines would draw 13.9 kW less" in seen
    assert "Needs 1 approval by somebody else" in seen
    assert not Order.objects.exists()

    form = form_of(client, world)
    first, second = client.post("/commands/request/", form), client.post("/commands/request/", form)
    order = Order.objects.get()
    assert first.headers["Location"] == second.headers["Location"] == f"/commands/{order.pk}/"
    assert "1 waits for approval" in text(client, "/commands/")
    assert "You requested it, so somebody else approves it." in text(client, "/commands/")

    client.force_login(world.bo)
    answers = [client.post(f"/commands/{order.pk}/approve/", **AS_FRAGMENT) for _ in range(2)]
    assert [answer.headers["HX-Redirect"] for answer in answers] == [f"/commands/{order.pk}/"] * 2
    page = text(client, f"/commands/{order.pk}/")
    assert "Put to sleep 4 machines at PECOS: running" in page
    assert "PECOS/C1/1" in page
    assert "order approved, needed 1, approvals 1" in page


def test_what_was_previewed_is_what_is_asked_for(client, world):
    client.force_login(world.ada)
    one = machines(world.c1)[1]
    client.post("/commands/request/", form_of(client, world, device=one.pk))
    assert [command.device_id for command in Order.objects.get().commands.all()] == [one.pk]


def test_a_refusal_is_said_and_the_words_are_kept(client, world):
    client.force_login(world.ada)
    form = form_of(client, world) | {"reason": "  "}
    answer = client.post("/commands/request/", form)
    assert answer.status_code == 409
    assert "Say why." in answer.content.decode()
    assert form["request_id"] in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("verb=power_limit&box={box}", "A power limit needs watts."),
        ("verb=sleep", "Choose at least one container or machine."),
        ("verb=power_limit&limit_w=2500&box={box}", "No machine of these can take it"),
    ],
)
def test_what_is_missing_in_the_form_is_said(client, world, query, words):
    client.force_login(world.ada)
    assert words in text(client, f"/commands/new/?container={world.c1.pk}&{query.format(box=world.c1.pk)}")


def test_another_tenant_s_orders_are_not_there(client, world):
    order = asked(world)
    command = order.commands.first()
    client.force_login(world.cy)

    assert "PECOS" not in text(client, "/commands/")
    for url in (f"/commands/{order.pk}/", f"/commands/{order.pk}/panel/", f"/commands/new/?container={world.c1.pk}"):
        assert client.get(url).status_code == 404
    for word in ("approve", "refuse", "stop", "retry"):
        assert client.post(f"/commands/{order.pk}/{word}/").status_code == 404
    assert client.post(f"/commands/machine/{command.pk}/settle/", {"has_worked": "yes"}).status_code == 404
    assert client.get("/commands/new/?site=PECOS").status_code == 404
    assert client.post("/commands/request/", {"site": "PECOS"}).status_code == 404
    placed = hold.press(uuid.uuid4(), world.ada, site=world.pecos)
    assert client.post(f"/hold/{placed.pk}/lift/").status_code == 404
    assert client.post("/hold/press/", {"scope": "site:PECOS", "request_id": uuid.uuid4()}).status_code == 404
    assert "PECOS" not in text(client, "/hold/")


def test_a_viewer_sees_and_may_nothing(client, world):
    order = asked(world)
    viewer = make_user("Vi")
    Membership.objects.create(user=viewer, role=Role.VIEWER, site=world.pecos)
    client.force_login(viewer)

    page = client.get(f"/commands/{order.pk}/").content.decode()
    assert "/approve/" not in page
    assert "/refuse/" not in page
    assert 'href="/hold/"' not in page
    assert "Command machines" not in text(client, "/sites/PECOS/C1/")
    assert client.get("/commands/new/?site=PECOS").status_code == 403
    client.post(f"/commands/{order.pk}/approve/")
    assert states(order) == ["requested"] * 4


def test_looking_changes_nothing(client, world):
    order = asked(world)
    client.force_login(world.bo)
    for word in ("approve", "refuse", "stop", "retry"):
        assert client.get(f"/commands/{order.pk}/{word}/").status_code == 405
    assert client.get("/commands/request/").status_code == 405


def test_hold_is_pressed_in_red_seen_everywhere_and_lifted(client, world):
    client.force_login(world.ada)
    page = client.get("/hold/").content.decode()
    assert 'value="site:PECOS"' in page
    assert 'value="all"' not in page
    form = {"scope": "site:PECOS", "request_id": str(uuid.uuid4())}
    client.post("/hold/press/", form)
    client.post("/hold/press/", form)

    placed = Hold.objects.get()
    assert "Hold of PECOS since" in text(client, "/")
    assert "lifted by a duty manager" in text(client, "/hold/")
    client.force_login(world.bo)
    client.post(f"/hold/{placed.pk}/lift/")
    assert "Hold of" not in text(client, "/")


def test_bo_may_hold_every_site_and_every_operator(client, world):
    client.force_login(world.bo)
    page = client.get("/hold/").content.decode()
    assert all(f'value="{scope}"' in page for scope in ("all", "operator:cango", "operator:partner", "site:MUSCAT"))
    client.post("/hold/press/", {"scope": "operator:cango", "request_id": str(uuid.uuid4())})
    assert hold.is_held(world.muscat)
    assert not hold.is_held(world.ghost)
    assert client.post("/hold/press/", {"scope": "moon", "request_id": str(uuid.uuid4())}).status_code == 400
    assert client.post("/hold/press/", {"scope": "all", "request_id": "x"}).status_code == 400


def test_unknowns_are_looked_at_and_settled(client, world):
    order = approve.approve(asked(world), world.bo)
    Command.objects.update(state="unknown")
    client.force_login(world.ada)
    assert "4 machines to look at" in text(client, "/commands/")
    command = order.commands.first()

    client.post(f"/commands/machine/{command.pk}/settle/", {"has_worked": "yes"})

    assert states(order) == ["confirmed", "unknown", "unknown", "unknown"]
    assert client.post(f"/commands/machine/{command.pk}/settle/", {"has_worked": "maybe"}).status_code == 400


def test_a_stopped_order_says_so_and_failures_are_requested_again(client, world):
    order = approve.approve(asked(world), world.bo)
    Command.objects.filter(pk=order.commands.first().pk).update(state="failed")
    client.force_login(world.ada)
    client.post(f"/commands/{order.pk}/stop/", {"reason": "wrong box"})
    page = client.get(f"/commands/{order.pk}/").content.decode()
    assert "Stopped by ada@example.com: wrong box" in page

    key = re.search(r'name="request_id" value="([^"]+)"', page).group(1)
    for _ in range(2):
        client.post(f"/commands/{order.pk}/retry/", {"request_id": key})
    assert Order.objects.filter(retry_of=order).count() == 1


def test_the_list_is_narrowed_by_state_site_kind_and_person(client, world):
    client.force_login(world.bo)
    one, two, *_ = machines(world.c1)
    waits, runs = asked(world, device_ids=(one.pk,)), asked(world, device_ids=(two.pk,))
    approve.approve(runs, world.bo)

    def listed(query: str) -> set[str]:
        return set(re.findall(r'id="order-(\d+)"', client.get(f"/commands/?{query}").content.decode()))

    both = {str(waits.pk), str(runs.pk)}
    assert listed("state=requested") == {str(waits.pk)}
    assert listed("state=approved&site=PECOS") == {str(runs.pk)}
    assert listed(f"person={world.ada.email}&verb=sleep") == both
    assert listed("person=automatic") == listed("site=MUSCAT") == listed("verb=wake") == set()
    assert "No such order waits or runs" in text(client, "/commands/?verb=wake")
    assert client.get("/commands/?state=gone").status_code == 400
    assert client.get("/commands/?site=SUNDOWN").status_code == 404


def test_more_orders_cost_no_more_queries(client, world):
    client.force_login(world.bo)
    one, two, *rest = machines(world.c1)
    asked(world, device_ids=(one.pk,))
    approve.approve(asked(world, device_ids=(two.pk,)), world.bo)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/commands/")
        return len(captured)

    few = queries()
    for device in rest:
        approve.approve(asked(world, device_ids=(device.pk,)), world.bo)
    assert few <= 22
    assert queries() == few


POLICY = {
    "requester": "operator", "mode": "automatic", "max_kw": "100", "max_hours": "4", "max_usd": "500",
    "two_person_above_kw": "250",
}  # fmt: skip


def test_an_admin_sets_the_site_s_policy_and_it_is_on_record(client, world):
    admin = make_user("Al")
    Membership.objects.create(user=admin, role=Role.ADMIN, site=world.pecos)
    client.force_login(admin)
    assert "Who may order" in text(client, "/sites/PECOS/")

    assert client.post("/commands/policy/PECOS/", POLICY).status_code == 302

    assert "Operator automatic 100 4 500 250 here" in text(client, "/commands/policy/PECOS/")
    event = AuditEvent.objects.get(verb="policy.set")
    assert (event.target, event.detail["max_usd"]) == ("site/PECOS", "500")
    assert client.post("/commands/policy/PECOS/", POLICY | {"max_kw": "-1"}).status_code == 400


def test_nobody_else_sets_it(client, world):
    for person, status in ((world.bo, 403), (world.cy, 404)):
        client.force_login(person)
        assert client.get("/commands/policy/PECOS/").status_code == status
        assert client.post("/commands/policy/PECOS/", POLICY).status_code == status


def test_topics_of_orders_are_followed_by_those_who_see_them(world):
    order = asked(world)
    assert visible_orders(world.ada, [str(order.pk), "x", "0"]) == {str(order.pk)}
    assert visible_orders(world.cy, [str(order.pk)]) == set()
    assert visible_queue(world.cy, [""]) == {""}
    assert visible_queue(make_user("Nobody"), [""]) == set()
