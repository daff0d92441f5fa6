"""A real browser against the real server: `console_server` runs it on the test database, `visit` opens a page of it."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Request, expect, sync_playwright

from cango_ops.embedded.child import Child
from cango_ops.embedded.console import CHECKOUT, answers_http, web
from cango_ops.embedded.folder import RunFolder, free_port
from cango_ops.embedded.part import Part
from tests.pages.chromium import FLAGS, SIZES, THEMES, find_chromium
from tests.web.callers import by_session, by_sure_session

# A busy machine takes its time to read five megabytes of plotly.
PATIENCE_MS = 45_000
expect.set_options(timeout=PATIENCE_MS)
# A page that was left while its socket was still being opened; a request that a newer one of the same part replaced.
# htmx says the second twice, and the end of a request after every other error too.
HARMLESS = ("closed before the connection is established", "htmx:sendAbort", "htmx:afterRequest")
IDLE_WITHIN_S = 60
OTHERS_AT_WORK = """
select count(*) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
  and backend_type = 'client backend' and xact_start is not null
"""
# Who waits longer before looking for a deadlock is never the one to be ended for it. Only an owner of the server may.
GIVE_WAY_LAST = """
select set_config('deadlock_timeout', '600s', false) where current_setting('is_superuser') = 'on'
"""
SAY_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`content security policy: ${event.violatedDirective} refused ${event.blockedURI}`));
"""


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    """Each of the three screen sizes: a test that asks for it runs three times."""
    return SIZES[request.param]


@pytest.fixture(params=THEMES)
def theme(request: pytest.FixtureRequest) -> str:
    """Each of the two themes, as the system's preference."""
    return request.param


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = find_chromium(playwright.chromium.executable_path)
        if path is None:
            pytest.skip("no Chromium on this machine, and neither Debian nor Playwright could provide one")
        # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield browser
        browser.close()
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@dataclass(frozen=True)
class ConsoleServer:
    """The running server. said: what it wrote into its log."""

    url: str
    said: Callable[[], str]


@pytest.fixture(scope="session")
def console_process(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleServer]:
    """The ASGI application under uvicorn, in a process of its own, on the test database and the test Redis."""
    port = free_port()
    database = os.environ["CANGO_DATABASE_URL"].rpartition("/")[0] + "/" + connection.settings_dict["NAME"]
    part = Part(
        name="web",
        title="Web server",
        argv=web(port),
        is_ready=lambda: answers_http(port),
        environment={**os.environ, "CANGO_DATABASE_URL": database, "CANGO_HTTP_PORT": str(port)},
        folder=CHECKOUT,
    )
    child = Child(part, RunFolder(tmp_path_factory.mktemp("console")).make())
    child.start()
    try:
        child.wait_ready()
        yield ConsoleServer(f"http://127.0.0.1:{port}", child.said)
    finally:
        child.stop()


@pytest.fixture
def console_server(transactional_db: None, console_process: ConsoleServer) -> Iterator[ConsoleServer]:
    """The server on a database that is empty before the test; what the test commits, the server sees.

    A page that is closed leaves the server at work on what it asked for. The database is emptied when that has ended,
    and where something begins meanwhile and each waits for the other, it is the server's answer that PostgreSQL ends.
    """
    yield console_process
    ends = time.monotonic() + IDLE_WITHIN_S
    while not server_is_idle() and time.monotonic() < ends:
        time.sleep(0.05)
    with connection.cursor() as cursor:
        cursor.execute(GIVE_WAY_LAST)


def server_is_idle() -> bool:
    """Whether nobody else was at work in the test's database at three looks, a few hundredths of a second apart."""
    for _ in range(3):
        with connection.cursor() as cursor:
            cursor.execute(OTHERS_AT_WORK)
            if cursor.fetchone()[0]:
                return False
        time.sleep(0.02)
    return True


@dataclass
class Complaints:
    """What a page should never do. A test that provokes some says so first: a browser reports them when it likes."""

    lines: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()

    def expect(self, *words: str) -> None:
        """Lines with one of these words are what the test provokes."""
        self.expected += words

    def unexpected(self) -> list[str]:
        return [line for line in self.lines if not any(word in line for word in self.expected)]

    def listen_to(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.lines.append(f"error: {error}"))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if any(words in message.text for words in HARMLESS):
            return
        if message.type in {"error", "warning"}:
            where = message.location.get("url", "")
            self.lines.append(f"{message.type}: {message.text} {where}".strip())

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.hostname != "127.0.0.1":
            self.lines.append(f"left the machine: {request.url}")


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """Errors and warnings of the browser's console, policy violations, requests to other machines: none at the end."""
    complaints = Complaints()
    yield complaints
    assert complaints.unexpected() == []


@pytest.fixture
def new_page(browser: Browser, complaints: Complaints) -> Iterator[Callable[..., Page]]:
    """Makes an empty page: new_page(size=(1366, 768), theme="light", **more of a Playwright context)."""
    contexts: list[BrowserContext] = []

    def make(size: tuple[int, int] = (1366, 768), theme: str = "light", **more: object) -> Page:
        viewport = {"width": size[0], "height": size[1]}
        context = browser.new_context(viewport=viewport, color_scheme=theme, locale="en-GB", timezone_id="UTC", **more)
        contexts.append(context)
        context.add_init_script(SAY_VIOLATIONS)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        complaints.listen_to(page)
        return page

    yield make
    for context in contexts:
        try:
            context.close()
        except Error:
            continue


@pytest.fixture
def visit(console_server: ConsoleServer, new_page: Callable[..., Page]) -> Callable[..., Page]:
    """Opens a page of the console: visit("/sites/PECOS/", user=ada, size=size, theme=theme).

    is_sure: the password was given again just now. The server comes first, so that pages are closed before the database
    is emptied under them.
    """

    def open_page(path: str, user: object = None, is_sure: bool = False, **look: object) -> Page:
        page = new_page(base_url=console_server.url, **look)
        if user is not None:
            sign_in(page, console_server.url, by_sure_session(user) if is_sure else by_session(user))
        page.goto(path)
        return page

    return open_page


def sign_in(page: Page, url: str, client: Client) -> None:
    """Gives the browser the session cookie of a client that has signed in."""
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])
