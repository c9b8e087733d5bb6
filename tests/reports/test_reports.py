"""Every report that the shipped handlers write, opened in a real browser.

The pages come from alarm itself, on the simulated account: `snapkeep demo` asks it for them as its
schedules would. A page fails on anything in its console, on a request for anything but itself, on a
picture without a mark that can be seen, and where it doesn't fit a screen. Each of these is also tried
on a page that was spoilt, so that none can rot into a check that nothing fails.
"""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from browser import browser

ROOT = Path(__file__).resolve().parent.parent.parent
COMMAND = os.environ.get("SNAPKEEP_TEST_COMMAND", str(ROOT / "target" / "debug" / "snapkeep"))
# The first days that hold a whole month and all incidents.
DEMO = ["demo", "--days", "33", "--seed", "1", "--output", "json"]
# Width in pixels, and whether it is dark: a telephone by day, a tablet, a wall by night.
SCREENS = [(360, False), (768, False), (1600, True)]

FIGURES = """[...document.querySelectorAll("main figure")].map(figure => {
  const { x, y, width, height } = figure.getBoundingClientRect();
  return { x: x + scrollX, y: y + scrollY, width, height };
})"""
# Marks are what a picture says; scales, lines and words stay.
HIDE_MARKS = """for (const mark of document.querySelectorAll("figure svg :is(use, rect, circle, path)"))
  mark.style.visibility = "hidden";"""


def written(folder: str) -> list[Path]:
    """The pages, as the shipped handlers write them."""
    options = ["--report", f"{folder}/demo.html", "--reports", folder]
    environment = {name: value for name, value in os.environ.items() if name[:4] != "AWS_"}
    subprocess.run(
        [COMMAND, *DEMO, *options], check=True, env=environment, stdout=subprocess.DEVNULL
    )
    return sorted(Path(folder).glob("*.html"))


def faults(opened, page: Path) -> list[str]:
    """What is wrong with a page."""
    opened.size(1280)
    opened.open(page)
    found = [f"console: {complaint}" for complaint in opened.complaints()]
    own = page.resolve().as_uri()
    found += [f"asks for {url}" for url in opened.requests() if url != own]
    for width, dark in SCREENS:
        opened.size(width, dark)
        wide = opened.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"is {wide} pixels wide on a screen of {width}")
    # The last screen is the one that shows every minor mark, too.
    return found + empty_pictures(opened)


def empty_pictures(opened) -> list[str]:
    """A picture is empty if it looks the same without its marks."""
    boxes = opened.evaluate(FIGURES)
    if not boxes:
        return ["has no picture"]
    shown = [opened.picture(box) for box in boxes]
    opened.evaluate(HIDE_MARKS)
    bare = [opened.picture(box) for box in boxes]
    pairs = enumerate(zip(shown, bare), 1)
    return [f"picture {n} is empty" for n, (one, other) in pairs if one == other]


class Reports(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.pages = written(cls.folder.name)
        cls.opened = cls.enterClassContext(browser())

    def page(self, kind: str) -> Path:
        (page,) = (page for page in self.pages if page.name.startswith(kind))
        return page

    def spoilt(self, kind: str, old: str, new: str) -> list[str]:
        """What is found of a page in which something was changed."""
        text = self.page(kind).read_text()
        self.assertIn(old, text)
        with tempfile.NamedTemporaryFile("w", suffix=".html", dir=self.folder.name) as page:
            page.write(text.replace(old, new))
            page.flush()
            return faults(self.opened, Path(page.name))

    def test_every_report_opens_quietly_alone_and_with_pictures(self) -> None:
        kinds = [page.name.partition("-")[0].removesuffix(".html") for page in self.pages]
        self.assertEqual(["daily", "demo", "monthly", "weekly"], kinds)
        for page in self.pages:
            with self.subTest(page.name):
                self.assertEqual([], faults(self.opened, page))

    def test_each_page_says_in_json_what_it_says_in_words(self) -> None:
        for kind in ("daily", "weekly", "monthly"):
            page = self.page(kind)
            told = json.loads(page.with_suffix(".json").read_text())
            self.opened.open(page)
            lead = self.opened.evaluate("document.querySelector('.lead').textContent")
            self.assertIn(told["answer"]["sentence"], lead)
            self.assertEqual(kind, told["report"])
            rows = self.opened.evaluate("document.querySelectorAll('main figure .row').length")
            self.assertGreaterEqual(rows, len(told["databases"]))

    def test_a_script_in_a_page_is_seen(self) -> None:
        found = self.spoilt("daily", "<main>", "<script>alert(1)</script><main>")
        self.assertTrue(any(fault.startswith("console: ") for fault in found), found)

    def test_a_request_to_the_outside_is_seen(self) -> None:
        policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:;"
        found = self.spoilt("weekly", policy, 'img-src *;"><img src="http://127.0.0.1:9/x"><i x="')
        self.assertTrue(any("asks for http://127.0.0.1:9/x" in fault for fault in found), found)

    def test_an_empty_picture_is_seen(self) -> None:
        found = self.spoilt("weekly", 'class="part good"', 'class="part" fill="none"')
        self.assertTrue(any("is empty" in fault for fault in found), found)


if __name__ == "__main__":
    unittest.main()
