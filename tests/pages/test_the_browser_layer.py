from tests.worlds import make_user


def test_a_page_that_complains_is_noticed(new_page, complaints):
    page = new_page()

    with page.expect_event("pageerror"):
        page.goto("data:text/html,<script>console.error('broken'); nothing.there</script>")

    assert complaints.unexpected()[0].startswith("error: broken")
    assert "nothing is not defined" in complaints.unexpected()[1]
    complaints.expect("broken", "nothing is not defined")


def test_a_page_that_asks_another_machine_is_noticed(new_page, complaints):
    page = new_page()

    with page.expect_request("http://192.0.2.1/pixel.png"):
        page.goto("data:text/html,<img src='http://192.0.2.1/pixel.png'>", wait_until="commit")

    assert "left the machine: http://192.0.2.1/pixel.png" in complaints.unexpected()
    complaints.expect("192.0.2.1")


def test_a_page_has_the_size_and_the_theme_that_were_asked_for(new_page, size, theme):
    page = new_page(size=size, theme=theme)

    page.goto("about:blank")

    assert page.evaluate("[innerWidth, innerHeight]") == list(size)
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") is (theme == "dark")


def test_the_server_knows_the_person_whom_the_test_made(visit, console_server):
    page = visit("/accounts/login/", user=make_user("Ada"))

    # Who has signed in already is sent on, wherever that is.
    assert page.url.startswith(console_server.url)
    assert "/accounts/login/" not in page.url


def test_the_async_loop_of_the_browser_does_not_stop_the_database(new_page, transactional_db):
    new_page()
    assert make_user("Bo").pk
