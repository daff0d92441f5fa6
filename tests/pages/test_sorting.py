"""A table that sorts by its heads: what is not known comes last, and the address keeps the choice."""

import re

import pytest
from playwright.sync_api import expect

from tests.worlds import make_world

pytestmark = pytest.mark.pages


def test_a_head_sorts_its_table_and_the_address_keeps_it(visit, console_server):
    page = visit("/alerts/rules/", user=make_world().bo)
    first, last = page.locator("#rule-list tbody tr").first, page.locator("#rule-list tbody tr").last

    page.get_by_role("button", name="Rule", exact=True).click()
    expect(page.get_by_role("columnheader", name="Rule")).to_have_attribute("aria-sort", "ascending")
    expect(first).to_contain_text("Commands unknown")
    page.get_by_role("button", name="Limit").press("Enter")

    # The highest limit is 95 °C; rules without one come last, whichever way it runs.
    expect(first).to_contain_text("95 °C")
    expect(last).to_contain_text("–")
    page.get_by_role("button", name="Limit").press("Enter")
    expect(last).to_contain_text("–")
    expect(page).to_have_url(re.compile(r"\?by=rule-list\.2$"))

    page.reload()
    expect(page.get_by_role("columnheader", name="Limit")).to_have_attribute("aria-sort", "ascending")
    expect(page.get_by_role("columnheader", name="Rule")).not_to_have_attribute("aria-sort", "ascending")
