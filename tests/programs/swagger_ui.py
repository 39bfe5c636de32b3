"""Opens the pages of a running server in a browser, as a reader does.

Usage: swagger_ui.py BASE_URL CHROMIUM USERNAME PASSWORD
"""

import json
import re
import sys
import urllib.request
from urllib.parse import urlsplit

from playwright.sync_api import expect, sync_playwright


def main(base, chromium, username, password):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context()
        page = context.new_page()
        complaints, hosts = [], set()
        page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))

        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.goto(base)
            expect(page.get_by_role("heading", name="Convene")).to_be_visible()
            check_contrast(page, scheme)
        page.get_by_role("link", name="Documentation").click()

        expect(page).to_have_title("Convene API")
        documented = operations(base)
        expect(page.locator(".opblock")).to_have_count(len(documented))
        shown = {(block.get_attribute("id") or "").split("-")[-1] for block in page.locator(".opblock").all()}
        assert shown == documented, shown ^ documented

        answer = try_out(page, "login", {"username": username, "password": password})
        assert answer["message"] == "Login successful", answer
        answer = try_out(page, "getProfile", None)
        assert answer["username"] == username, answer

        assert hosts - {""} == {urlsplit(base).netloc}, f"the pages ask {hosts}"
        assert not complaints, complaints
        browser.close()


def operations(base):
    with urllib.request.urlopen(base + "/openapi.json") as answer:
        document = json.load(answer)
    return {operation["operationId"] for item in document["paths"].values() for operation in item.values()}


def try_out(page, operation, body):
    """Sends an operation with "Try it out", and answers what came back."""
    block = page.locator(f"[id$='-{operation}']")
    block.locator(".opblock-summary-control").click()
    block.get_by_role("button", name="Try it out").click()
    if body is not None:
        block.locator("textarea.body-param__text").fill(json.dumps(body))
    block.get_by_role("button", name="Execute").click()
    answer = block.locator(".live-responses-table .response")
    expect(answer.locator(".response-col_status")).to_contain_text("200")
    return json.loads(answer.locator(".highlight-code code, .highlight-code pre").first.inner_text())


def check_contrast(page, scheme):
    """Text stands out from its ground by 4.5 to 1 at the least (WCAG 2.2, 1.4.3)."""
    colours = page.evaluate(
        "() => [...document.querySelectorAll('h1, p, a, pre')].map(it => [getComputedStyle(it).color,"
        " getComputedStyle(document.body).backgroundColor])"
    )
    for pair in colours:
        lighter, darker = sorted((luminance(colour) for colour in pair), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, f"{scheme}: {pair}"


def luminance(colour):
    channels = [int(number) / 255 for number in re.findall(r"\d+", colour)[:3]]
    linear = [it / 12.92 if it <= 0.04045 else ((it + 0.055) / 1.055) ** 2.4 for it in channels]
    return sum(weight * it for weight, it in zip((0.2126, 0.7152, 0.0722), linear))


main(*sys.argv[1:])
