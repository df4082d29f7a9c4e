"""What no view may have, at whatever size and in whatever theme."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SETTLED = """async () => {
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
    const ending = document.getAnimations().filter(each => each.effect.getComputedTiming().endTime < Infinity)
    await Promise.allSettled(ending.map(each => each.finished))
}"""


def check(page: Page) -> None:
    """No serious barrier (axe), and nothing that sticks out sideways; once the page has its heading and is quiet."""
    page.get_by_role("heading", level=1).wait_for(timeout=60_000)
    page.wait_for_load_state("networkidle")
    page.evaluate(SETTLED)  # a theme that has just changed is painted, and nothing fades any more
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    grave = [each for each in found.response["violations"] if each["impact"] in ("serious", "critical")]
    assert not grave, [(each["id"], each["nodes"][0]["html"][:200], each["nodes"][0]["any"]) for each in grave]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), "the page scrolls sideways"
