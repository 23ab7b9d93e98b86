"""The pictures in docs/pictures, taken anew: a service on the samples, looked at in Chromium."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from service import ADMIN, PASSWORD, Service  # noqa: E402 - the path comes first
from sheets import note  # noqa: E402 - the path comes first

PICTURES = ROOT / "docs" / "pictures"
CHROMIUM = "/usr/bin/chromium"
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
SIZE = {"width": 1360, "height": 860}


def read_samples(folder: Path) -> Service:
    """A service that has read all samples."""
    service = Service(folder / "home")
    service.run("patients", "load", str(ROOT / "samples" / "patients.csv"))
    service.start()
    charts = sorted((ROOT / "samples" / "charts").iterdir())
    for path in charts:
        service.drop(path)
    (service.inbox / "cut off.pdf").write_bytes(charts[-1].read_bytes()[:2000])
    service.wait_idle(len(charts) + 1, 900)
    import_a_box(service, folder)
    service.run("backup", str(folder / "backup"))
    service.run("verify")
    return service


def import_a_box(service: Service, folder: Path) -> None:
    """An import by a list that names a number nobody has, and a file that is not there."""
    box = folder / "box"
    box.mkdir()
    mrns = ("0303692", "9999999", "0303692")
    rows = [f"{number}.png,Box 7,{mrn},1\n" for number, mrn in enumerate(mrns)]
    (folder / "list.csv").write_text("".join(["file,box,mrn,pages\n", *rows]))
    for number in range(2):
        note(box / f"{number}.png", "PROGRESS NOTE", f"Visit {number}", "Samplefield, Testa")
    words = ("import", str(box), "--manifest", str(folder / "list.csv"))
    service.run(*words, "--exceptions", str(folder / "exceptions.csv"), check=False)


def open_with_candidates(page: Page, service: Service) -> None:
    """The first document of the queue that somebody in the index fits."""
    page.goto(f"{service.address}/review")
    links = page.locator("main a[href^='/review/']").all()
    for address in [link.get_attribute("href") for link in links]:
        page.goto(f"{service.address}{address}")
        if page.get_by_role("radio").count():
            return


def log_in(page: Page, service: Service) -> None:
    """Through the door as anybody."""
    page.goto(service.address)
    page.get_by_label("Name").fill(ADMIN)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def take(page: Page, name: str) -> None:
    """One picture, when everything on the page is there."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / f"{name}.png")
    print(PICTURES / f"{name}.png")


def walk(page: Page, service: Service) -> None:
    """Search, viewer, review, chart, intake, status, an import, access log."""
    log_in(page, service)
    page.get_by_role("searchbox").fill("hemoglobin OR potassium")
    page.get_by_role("button", name="Search").click()
    take(page, "search")
    page.locator("ol.hits h3 a").first.click()
    take(page, "viewer")
    page.goto(f"{service.address}/review")
    take(page, "queue")
    open_with_candidates(page, service)
    take(page, "review")
    page.goto(f"{service.address}/patients/5")
    take(page, "chart")
    page.goto(f"{service.address}/intake")
    take(page, "intake")
    page.goto(f"{service.address}/status")
    take(page, "status")
    page.goto(f"{service.address}/batches/1")
    take(page, "import")
    page.goto(f"{service.address}/log")
    take(page, "access-log")


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        service = read_samples(Path(folder))
        try:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
            walk(browser.new_page(viewport=SIZE), service)
            browser.close()
        finally:
            service.stop()


if __name__ == "__main__":
    main()
