"""`make screens`: photographs the running console, page by page, in every size and theme, into .screens/.

It walks as a person does: signs in, then from each page follows its first link to the next kind of page.
"""

import argparse
import json
import re
import sys
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Error, Page, sync_playwright

from cango_ops import env
from tests.pages.chromium import FLAGS, SIZES, THEMES, find_chromium

CHECKOUT = Path(__file__).resolve().parents[2]
FOLDER = CHECKOUT / ".screens"
# A page and what the path of a link to it looks like, on the page before it.
WALK = (
    ("site", r"/sites/[^/]+/"),
    ("container", r"/sites/[^/]+/(?!panel/|scan/|map/|network/|credentials/)[^/]+/"),
    ("device", r"/sites/[^/]+/[^/]+/\d+/"),
)


def account(role: str) -> dict[str, str]:
    """The demo account of that role, or the first one."""
    known = env.folder("RUN_DIR", CHECKOUT / ".run") / "demo_accounts.json"
    if not known.exists():
        sys.exit(f"{known} is missing: start the console with `make up` first.")
    accounts: list[dict[str, str]] = json.loads(known.read_text())
    return next((row for row in accounts if row["role"] == role), accounts[0])


def sign_in(page: Page, url: str, who: dict[str, str]) -> None:
    try:
        page.goto(urljoin(url, "/accounts/login/"))
    except Error:
        sys.exit(f"No console answers at {url}: start it with `make up` first.")
    page.fill("input[name=login]", who["email"])
    page.fill("input[name=password]", who["password"])
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda address: "/accounts/login/" not in address)


def addresses(page: Page, url: str) -> dict[str, str]:
    """Page name to address, as far as links lead."""
    found = {"overview": url}
    page.goto(url)
    for name, pattern in WALK:
        link = first_link(page.eval_on_selector_all("main a", "links => links.map(link => link.href)"), pattern)
        if link is None:
            print(f"{page.url} has no link to a {name}")
            break
        found[name] = link
        page.goto(link)
    return found


def first_link(links: list[str], pattern: str) -> str | None:
    """The first address whose path is of that kind; what it asks for after the path does not matter."""
    return next((link for link in links if re.fullmatch(pattern, urlsplit(link).path)), None)


def photograph(page: Page, name: str, address: str, label: str) -> None:
    page.goto(address, wait_until="load")
    # Charts draw themselves after the page has loaded.
    page.wait_for_timeout(1500)
    target = FOLDER / f"{name}-{label}.png"
    page.screenshot(path=str(target))
    print(target.relative_to(CHECKOUT))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default=f"http://127.0.0.1:{env.whole('HTTP_PORT', 8000, 1, 65535)}/")
    parser.add_argument("--role", default="admin")
    wanted = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        path = find_chromium(playwright.chromium.executable_path)
        if path is None:
            sys.exit("No Chromium on this machine, and neither Debian nor Playwright could provide one.")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        signed_in = browser.new_context()
        sign_in(signed_in.new_page(), wanted.url, account(wanted.role))
        pages = addresses(signed_in.pages[0], wanted.url)
        for theme in THEMES:
            for label, (width, height) in SIZES.items():
                context = browser.new_context(
                    viewport={"width": width, "height": height},
                    color_scheme=theme,
                    storage_state=signed_in.storage_state(),
                )
                for name, address in pages.items():
                    photograph(context.new_page(), name, address, f"{theme}-{label}")
                context.close()


if __name__ == "__main__":
    main()
