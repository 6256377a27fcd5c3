"""Pages in a real browser: no console error, nothing from other hosts, accessible, readable on a phone."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from review.demo import DEMO
from tests.conftest import browser_path
from tests.test_publish import site as site

pytestmark = pytest.mark.browser
PATHS = (
    "",
    "questions/tarvolimab-pain/",
    "studies/dunmore-2022/",
    "search/",
    "flow/",
    "records/",
    "methods/",
    "claims/",
    "claims/D01/",
    "claims/D04/",
    "seed/",
    "treatments/tarvolimab/",
    "harms/",
    "unknown/",
    "patients/",
    "changes/",
    "downloads/",
    "zh/claims/D02/",
    "zh/",
    "zh/questions/tarvolimab-pain/",
    "zh/flow/",
)
LOOKS: dict[str, dict[str, Any]] = {
    "desktop light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "desktop dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone light": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    "phone dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: Any) -> None:
        return


@pytest.fixture(scope="module")
def served(site: Path) -> Iterator[str]:
    handler = functools.partial(_Quiet, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    executable = browser_path()
    from playwright.sync_api import sync_playwright

    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-dev-shm-usage",
        "--disable-component-update",
    ]
    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield one
        one.close()


SAMPLED = ("desktop light", "phone dark")
"""Looks of ``make test``; the others are for ``make test-all``."""


@pytest.mark.parametrize(
    "look",
    [one if one in SAMPLED else pytest.param(one, marks=pytest.mark.whole) for one in LOOKS],
)
def test_pages_open_clean_and_accessible(served: str, browser: Any, look: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(**LOOKS[look])
    page = context.new_page()
    said: list[str] = []
    outside: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: said.append(str(e)))

    def guard(route: Any) -> None:
        if route.request.url.startswith((served, "data:", "blob:")):
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    context.route("**/*", guard)
    for path in PATHS:
        page.goto(served + path)
        page.wait_for_load_state("networkidle")
        width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert width <= 0, f"{path} is wider than the {look} window"
        assert page.evaluate("window.dead === undefined"), f"foreign text ran on {path}"
        found = Axe().run(page)
        violations = [(v["id"], v["nodes"][0]["target"]) for v in found.response["violations"]]
        assert violations == [], f"{look} {path}"
    context.close()
    assert said == []
    assert outside == []


def test_an_overdue_search_says_so_by_the_reader_s_clock(served: str, browser: Any) -> None:
    for moment, shown in (("2026-10-15T12:00:00", False), ("2027-03-01T12:00:00", True)):
        context = browser.new_context()
        page = context.new_page()
        page.clock.set_fixed_time(moment)
        page.goto(served)
        state = page.locator(".lr-living")
        assert state.is_visible()
        assert (state.get_attribute("data-state") == "overdue") is shown
        context.close()


def test_quotes_open_by_keyboard_and_without_javascript(served: str, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(served + "questions/pain-prevalence/")
    quote = page.locator("blockquote.lr-quote").filter(has_text="112/148 (75.7%)").first
    assert not quote.is_visible()
    page.locator("details.lr-why:has(blockquote:text('112/148')) > summary").first.focus()
    page.keyboard.press("Enter")
    assert quote.is_visible()
    context.close()


@pytest.mark.parametrize(("path", "word"), [("", "prevalence"), ("zh/", "疼痛")])
def test_the_search_box_finds_words_of_both_languages(
    served: str, browser: Any, path: str, word: str
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(served + path)
    page.locator("input.md-search__input").click()
    page.keyboard.insert_text(word)
    page.keyboard.press("End")
    page.locator(".md-search-result__item").first.wait_for(timeout=20_000)
    assert page.locator(".md-search-result__item").count() > 0
    context.close()


def test_the_demonstration_is_the_one_of_the_repository() -> None:
    assert (DEMO / "protocol.yaml").is_file()
