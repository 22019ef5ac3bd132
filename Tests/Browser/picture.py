"""Makes the README's pictures from a report: the very charts of the page, light and dark.

    picture.py REPORT.html OUT-FOLDER [FIGURE-ID …]

Writes FIGURE-ID-light.png and FIGURE-ID-dark.png; without ids, the cost of inference.
"""

import os
import sys

sys.dont_write_bytecode = True
from chromium import Page, find  # noqa: E402


def main():
    if len(sys.argv) < 3:
        print(__doc__.strip())
        return 64
    if not find():
        print("picture.py needs Chromium: apt-get install chromium", file=sys.stderr)
        return 1
    report, folder = sys.argv[1:3]
    os.makedirs(folder, exist_ok=True)
    with Page(1020, 900) as page:
        for scheme in ("light", "dark"):
            page.prefer(scheme)
            page.open(report)
            # The menu stays where it is when the page scrolls and would lie over a figure.
            page.evaluate("document.querySelector('.top').remove()")
            for figure in sys.argv[3:] or ["inference-cost"]:
                path = os.path.join(folder, f"{figure}-{scheme}.png")
                page.picture(path, selector=f"#figure-{figure}", scale=1.5, margin=16)
                print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
