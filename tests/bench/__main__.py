"""Run the measurements named on the command line (all by default) and print the table."""

import sys

from tests.bench.pages import measure_pages
from tests.bench.proving import measure_proving
from tests.bench.reading import measure_trace, measure_verify
from tests.bench.setting import databases
from tests.bench.writing import measure_bulk, measure_single

MEASURES = {
    "single": measure_single,
    "bulk": measure_bulk,
    "verify": measure_verify,
    "trace": measure_trace,
    "proving": measure_proving,
}


def main() -> int:
    asked = sys.argv[1:] or [*MEASURES, "pages"]
    missed = measure_pages() if "pages" in asked else 0
    chosen = [name for name in asked if name != "pages"]
    if not chosen:
        return 1 if missed else 0
    print(f"{'work':46} {'database':11} {'ours':>12} {'yardstick':>12} {'ratio':>9}  asked")
    with databases() as make:
        for name in chosen:
            for row in MEASURES[name](make):
                sign = "<" if row.most else "≥"
                mark = "" if row.reached else "  NOT REACHED"
                missed += not row.reached
                print(
                    f"{row.work:46} {row.database:11} {row.ours:>12} {row.against:>12} {row.ratio:9.2f}  "
                    f"{sign} {row.least}{mark}",
                    flush=True,
                )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
