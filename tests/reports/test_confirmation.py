"""The donation confirmation: what it says, that it is always the same bytes, and that it fits its page."""

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ledger.config import ROOT
from ledger.reports.confirmation import Confirmation, confirmation_pdf

CODE, LEAF = "7K3M9QXD2VTBHN4RW", "0123456789abcdef" * 4
MONEY = Confirmation(
    donor="李明",
    kind="money",
    amount=12_345_678,
    fund="通用基金",
    dated=date(2026, 3, 2),
    recorded=datetime(2026, 3, 2, 6, 30, 12, tzinfo=UTC),
    foundation="青禾社区基金会",
    tracking_code=CODE,
    address="https://ledger.example.org/trace/7K3M-9QXD-2VTB-HN4R-W",
    book="青禾账本",
    entry=412,
    leaf=LEAF,
    credit_code="53110000MJ0000000X",
    handler="王会计",
)
GOODS = replace(
    MONEY, kind="goods", amount=1_250_500, scale=3, item="大米", measure="千克", value=625_000, purpose="助餐"
)
HOURS = replace(MONEY, kind="hours", amount=150, donor=None)
LONG = "四川省成都市武侯区浆洗街街道社会工作综合服务与社区发展治理促进基金会"
CHINESE = "zh_Hans_CN"


@pytest.fixture(autouse=True)
def _translated(tmp_path, monkeypatch):
    """Compile the catalogue for these tests, so that they need no setup."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    from ledger.reports import engine  # noqa: PLC0415

    folder = tmp_path / CHINESE / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (engine.CATALOGS / CHINESE / "LC_MESSAGES" / "messages.po").open("rb") as source:
        messages = read_po(source, locale=CHINESE)
    with (folder / "messages.mo").open("wb") as target:
        write_mo(target, messages)
    monkeypatch.setattr(engine, "CATALOGS", tmp_path)
    engine._environment.cache_clear()
    yield
    engine._environment.cache_clear()


def text_of(pdf, tmp_path):
    """Return the text as a reader would copy it, with spaces made single."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is missing: apt-get install poppler-utils")
    file = tmp_path / "c.pdf"
    file.write_bytes(pdf)
    made = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True)
    return re.sub(r"\s+", " ", made.stdout.decode())


def test_money_in_chinese(fonts, tmp_path):
    text = text_of(confirmation_pdf(MONEY, CHINESE, fonts), tmp_path)
    for said in (
        "捐 赠 确 认 单" if "捐 赠" in text else "捐赠确认单",
        "李明",
        "¥123,456.78",
        "人民币壹拾贰万叁仟肆佰伍拾陆元柒角捌分",
        "通用基金",
        "2026年3月2日",
        "青禾社区基金会",
        "53110000MJ0000000X",
        "王会计",
        "7K3M-9QXD-2VTB-HN4R-W",
        "记录 412",
        "本确认单不是公益事业捐赠统一票据",
    ):
        assert said in text, said
    assert LEAF in text.replace(" ", "")


def test_money_in_english(fonts, tmp_path):
    text = text_of(confirmation_pdf(replace(MONEY, donor=None), "en", fonts), tmp_path)
    for said in ("Donation confirmation", "a well-wisher", "¥123,456.78", "2 March 2026", "not an official receipt"):
        assert said in text, said


def test_goods_say_what_how_much_and_what_it_is_worth(fonts, tmp_path):
    text = text_of(confirmation_pdf(GOODS, CHINESE, fonts), tmp_path)
    for said in ("大米", "1,250.5", "千克", "公允价值 ¥6,250.00", "人民币陆仟贰佰伍拾元整", "助餐"):
        assert said in text, said


def test_hours_of_somebody_unnamed(fonts, tmp_path):
    text = text_of(confirmation_pdf(HOURS, CHINESE, fonts), tmp_path)
    for said in ("爱心人士", "2 小时 30 分", "志愿服务时长"):
        assert said in text, said


@pytest.mark.parametrize("locale", [CHINESE, "en"])
def test_made_again_it_is_the_same_bytes(fonts, locale):
    first = confirmation_pdf(MONEY, locale, fonts)
    confirmation_pdf(GOODS, locale, fonts)
    assert confirmation_pdf(MONEY, locale, fonts) == first


def test_another_process_makes_the_same_bytes(fonts, tmp_path):
    """Shared fonts, hash seeds and the clock leave no trace."""
    script = (
        "import sys, pathlib; from tests.reports.test_confirmation import MONEY;"
        "from ledger.reports.confirmation import confirmation_pdf;"
        "pathlib.Path(sys.argv[1]).write_bytes(confirmation_pdf(MONEY, 'en', pathlib.Path(sys.argv[2])))"
    )
    made = []
    for seed in ("1", "2"):
        target = tmp_path / seed
        subprocess.run(
            [sys.executable, "-c", script, target, fonts],
            check=True,
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        )
        made.append(target.read_bytes())
    assert made[0] == made[1] == confirmation_pdf(MONEY, "en", fonts)


@pytest.mark.parametrize("locale", [CHINESE, "en"])
def test_long_names_stay_on_one_page(fonts, locale):
    long = replace(
        GOODS,
        donor=LONG + "暨全体员工",
        item="一次性医用外科口罩（无菌型，耳挂式，17.5 厘米 × 9.5 厘米）",
        fund=LONG,
        foundation=LONG,
        book=LONG,
        purpose=f"用于{LONG}各社区独居、高龄、失能老人冬季助餐、探访、陪伴与居家适老化改造",
    )
    assert pages(confirmation_pdf(long, locale, fonts)) == [(420, 595)]


def test_the_document_says_what_it_is(fonts):
    pikepdf = pytest.importorskip("pikepdf")
    import io  # noqa: PLC0415

    with pikepdf.open(io.BytesIO(confirmation_pdf(MONEY, CHINESE, fonts))) as pdf:
        with pdf.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
            assert metadata["xmp:CreateDate"].startswith("2026-03-02T06:30:12")
            assert "青禾社区基金会" in str(metadata["dc:creator"])
        assert str(pdf.Root.Lang) == "zh-Hans"
        assert bool(pdf.Root.MarkInfo.Marked)
        assert "/StructTreeRoot" in pdf.Root
        alternatives = [str(o.Alt) for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and "/Alt" in o]
    assert any("7K3M-9QXD-2VTB-HN4R-W" in text for text in alternatives)


def pages(pdf):
    """Return the size of each page in points."""
    pikepdf = pytest.importorskip("pikepdf")
    import io  # noqa: PLC0415

    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [tuple(round(float(v)) for v in page.mediabox[2:]) for page in document.pages]
