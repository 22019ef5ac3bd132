"""Opens a report in a real browser and checks what only a browser can tell.

    check_report.py PAGE.html EXPECTED.json [AXE.min.js]

EXPECTED.json holds {"points": {chart id: marks}, "claims": {verdict: count}, "interactive": bool}.
Prints one line per failed check and exits with 1 where there is any.
"""

import json
import os
import sys

sys.dont_write_bytecode = True
from chromium import Page, find  # noqa: E402

failures = []


def check(condition, what):
    if not condition:
        failures.append(what)


def quiet(page, when):
    check(not page.complaints(), f"{when}: console errors {page.complaints()[:3]}")
    check(not page.requests(), f"{when}: network requests {page.requests()[:3]}")


def no_sideways(page, width):
    wide = page.evaluate("document.documentElement.scrollWidth")
    check(wide <= width, f"at {width} px the page is {wide} px wide")


def charts(page, expected, form):
    seen = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('figure[data-chart]')].map(f => "
        f"[f.dataset.chart, f.querySelectorAll('.{form} .pt').length]))")
    check(seen == expected, f"{form} charts have {seen} points, expected {expected}")
    hidden = page.evaluate(
        f"[...document.querySelectorAll('figure .{form}')].filter(e => !e.offsetHeight).length")
    check(hidden == 0, f"{hidden} {form} charts are not visible")
    unnamed = page.evaluate(
        "[...document.querySelectorAll('svg.chart[role=img]')].filter(s => "
        "!s.querySelector(':scope > title')?.textContent || "
        "!s.querySelector(':scope > desc')).length")
    check(unnamed == 0, f"{unnamed} charts have no title or description")


def sorting(page):
    page.evaluate("document.querySelector('#table-kernel-cases th:nth-child(3) button').focus()")
    column = ("[...document.querySelectorAll('#table-kernel-cases tbody tr')]"
              ".map(r => r.cells[2]?.dataset.v).filter(v => v !== undefined).map(Number)")
    click = "document.querySelector('#table-kernel-cases th:nth-child(3) button').click()"
    original = page.evaluate(column)
    page.evaluate(click)
    check(page.evaluate(column) == sorted(original), "one click does not sort upwards")
    page.evaluate(click)
    check(page.evaluate(column) == sorted(original, reverse=True), "two do not sort downwards")
    page.evaluate(click)
    check(page.evaluate(column) == original, "three do not restore the order")
    check(len(original) > 3, "there is nothing to sort")


def filtering(page):
    page.evaluate(
        "(() => { const field = [...document.querySelectorAll('.find input')].find(f => "
        "f.getAttribute('aria-label').includes('Kernels')); field.value = 'gemm 1024'; "
        "field.dispatchEvent(new Event('input')); })()")
    rows = page.evaluate(
        "[...document.querySelectorAll('#table-kernel-cases tbody tr')].filter(r => "
        "r.offsetHeight).map(r => r.textContent)")
    check(rows and all("gemm" in r and "1024" in r for r in rows), f"the filter leaves {rows[:2]}")


def toggling(page):
    hidden = page.evaluate(
        "(() => { const f = document.querySelector('#figure-inference-cost'); "
        "const b = f.querySelector('.legend button'); b.click(); "
        "const s = b.closest('li').dataset.series; "
        "return [b.getAttribute('aria-pressed'), [...f.querySelectorAll('.wide g[data-series]')]"
        ".filter(g => g.dataset.series === s).map(g => getComputedStyle(g).display)]; })()")
    check(hidden[0] == "false" and hidden[1] and set(hidden[1]) == {"none"},
          f"switching a series off gives {hidden}")


def telling(page):
    text = page.evaluate(
        "(() => { const m = document.querySelector('#figure-inference-cost .wide .pt'); "
        "m.dispatchEvent(new PointerEvent('pointerenter', {clientX: 50, clientY: 50})); "
        "const t = document.querySelector('.tip'); return t.hidden ? '' : t.textContent; })()")
    check("USD" in text and "ource" in text, f"pointing at a mark tells '{text}'")
    text = page.evaluate(
        "(() => { const s = document.querySelector('#figure-inference-cost .wide svg'); s.focus(); "
        "s.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true})); "
        "return document.querySelector('.tip').textContent; })()")
    check(bool(text), "the arrow keys tell nothing")


def claims(page, expected):
    check(page.evaluate("getComputedStyle(document.querySelector('.filters')).display") != "none",
          "the claims' filters are not shown")
    for verdict, count in expected.items():
        shown = page.evaluate(
            "(() => { const s = document.querySelector('[name=verdict]'); "
            f"s.value = {json.dumps(verdict)}; s.dispatchEvent(new Event('input')); "
            "return [...document.querySelectorAll('.claim')].filter(c => c.offsetHeight).length; })()")
        check(shown == count, f"{shown} claims are {verdict}, expected {count}")
    words = page.evaluate(
        "(() => { const s = document.querySelector('[name=verdict]'); s.value = ''; "
        "const w = document.querySelector('[name=words]'); w.value = 'resnet-50'; "
        "w.dispatchEvent(new Event('input')); const all = [...document.querySelectorAll('.claim')]"
        ".filter(c => c.offsetHeight).map(c => c.textContent.toLowerCase()); w.value = ''; "
        "w.dispatchEvent(new Event('input')); return all; })()")
    check(words and all("resnet-50" in w for w in words), "filtering claims by words fails")


def files(page):
    got = page.evaluate(
        "(async () => { let blob; URL.createObjectURL = (b) => { blob = b; return 'data:,'; }; "
        "const names = []; HTMLAnchorElement.prototype.click = function () { names.push(this.download); }; "
        "const texts = []; for (const b of document.querySelectorAll('#figure-inference-cost .files button')) "
        "{ b.click(); texts.push(await blob.text()); } "
        "const svg = new DOMParser().parseFromString(texts[0], 'image/svg+xml'); "
        "return [names, svg.querySelectorAll('parsererror').length, svg.querySelectorAll('.pt > title').length, "
        "svg.documentElement.getAttribute('width'), texts[1]]; })()")
    check(got[0] == ["inference-cost.svg", "inference-cost.csv"], f"the files are named {got[0]}")
    check(got[1] == 0 and got[2] > 0 and float(got[3]) > 200, f"the drawing is {got[1:4]}")
    lines = got[4].split("\r\n")
    check(lines[0].startswith("series,Date,") and len(lines) > 5, f"the data begins {lines[:2]}")


def accessibility(page, axe, when, rules=None):
    # A global in the page's own world, as a tag would make it, without touching its policy.
    page.evaluate(axe + "; true")
    options = {"resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
    found = page.evaluate(
        f"axe.run(document, {json.dumps(options)}).then(r => r.violations.map(v => "
        "v.id + ': ' + v.nodes.length + ' × ' + v.nodes[0].target.join(' ') + ' ' + "
        "(v.nodes[0].any[0]?.message ?? '')))")
    check(not found, f"{when}: axe finds {found}")


def run(path, expected, axe):
    with Page(1200, 900) as page:
        page.open(path)
        quiet(page, "wide")
        no_sideways(page, 1200)
        charts(page, expected["points"], "wide")
        light = page.evaluate("getComputedStyle(document.body).backgroundColor")
        if axe:
            accessibility(page, axe, "light")
        if expected["interactive"]:
            sorting(page)
            filtering(page)
            toggling(page)
            telling(page)
            files(page)
            if expected["claims"]:
                claims(page, expected["claims"])
        page.prefer("dark")
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        check(light != dark, f"light and dark are both {light}")
        if axe:
            accessibility(page, axe, "dark", ["color-contrast"])
        page.prefer("light")
        for width in (390, 320):
            page.resize(width, 844, phone=True)
            page.open(path)
            quiet(page, f"{width} px")
            no_sideways(page, width)
            charts(page, expected["points"], "narrow")
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            no_sideways(page, width)
        page.resize(1200, 900)
        page.prefer("light", media="print")
        check(page.evaluate("getComputedStyle(document.querySelector('.top')).display") == "none",
              "the menu is printed")
        # What stands over a chart must not be parted from it by a page's end.
        parted = page.evaluate(
            "[...document.querySelectorAll('section:has(figure) > h2, section > .lead, figcaption')].filter("
            "e => getComputedStyle(e).breakAfter !== 'avoid' && e.nextElementSibling).map(e => e.textContent)")
        check(not parted, f"printed headings are parted from what follows: {parted[:2]}")
        check(page.pdf().startswith(b"%PDF"), "it does not print")
        page.prefer("light")
        page.allow_scripts(False)
        page.open(path)
        page.allow_scripts(True)
        quiet(page, "without scripts")
        check(page.evaluate("document.querySelector('.filters')?.offsetHeight ?? 0") == 0,
              "without scripts the filters are shown")
        check(page.evaluate("document.querySelectorAll('th button').length") == 0,
              "scripts ran although they were off")
        check(page.evaluate("document.querySelector('h1').offsetHeight") > 0, "there is no headline")


def main():
    if not find():
        print("there is no chromium")
        return 1
    with open(sys.argv[2], encoding="utf-8") as file:
        expected = json.load(file)
    axe = None
    if len(sys.argv) > 3 and os.path.exists(sys.argv[3]):
        with open(sys.argv[3], encoding="utf-8") as file:
            axe = file.read()
    run(sys.argv[1], expected, axe)
    for failure in failures:
        print("failed: " + failure)
    print(f"checked {sys.argv[1]}{' with axe' if axe else ''}: {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
