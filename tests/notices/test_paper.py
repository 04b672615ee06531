"""The paper as a printer and a phone meet it: rendered at 150 dpi, read by a real decoder, its text taken out again."""

import dataclasses
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO

import pypdfium2
import pytest
import zxingcpp
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable
from PIL import Image, ImageDraw

from app.notices import print_fonts
from app.notices.paper import Layout, Receipt, ReceiptKind, Rendered, render
from app.notices.paper_labels import ALL, labels_for
from app.notices.paper_text import clean
from app.notices.qr import modules, qr_png
from app.photos.fonts import FontFile
from tests.notices.paper_factory import FONTS, URL, finding, paper, photo

DPI = 150
HOSTILE = [
    '#panic("x")',
    '#{ read("/etc/passwd") } #import "a4.typ"',
    "$ x^2 $ \\ \\u{41} *粗* _斜_ @名 `代码` ``` <标> = 一 // 注释 /* 注 */ ~ -- '",
    ']]] ))) }}} [ ( { " " #',
    '{"json": "\\u0000", "x": [1, 2}',
    "a\x00b\x01c\x1b[31m\u202e反\u2066x\ufffe",
    "第一行\r\n第二行\n\n第四行\u2028第五行\t表",
]


def open_pdf(rendered: Rendered) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(rendered.pdf)


def codes(rendered: Rendered) -> list[str]:
    images = [page.render(scale=DPI / 72).to_pil() for page in open_pdf(rendered)]
    return [code.text for image in images for code in zxingcpp.read_barcodes(image)]


def words(rendered: Rendered) -> str:
    pages = [page.get_textpage().get_text_range() for page in open_pdf(rendered)]
    return re.sub(r"[\s\u200b]", "", "".join(pages))


def drawn_signature() -> bytes:
    image = Image.new("RGBA", (600, 200), (0, 0, 0, 0))
    ImageDraw.Draw(image).line([(60, 150), (120, 40), (300, 160), (520, 90)], fill=(10, 20, 60, 255), width=7)
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@contextmanager
def no_system_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(print_fonts, "system_fonts", tuple)
        patch.setattr(print_fonts, "_asked", lambda _sign: None)
        yield


@pytest.fixture(scope="module")
def rare_font(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A font with 𠮷 made from ours: its 吉 under the rare code point."""
    path = tmp_path_factory.mktemp("rare") / "rare.ttf"
    font = TTFont(next(FONTS.font_dir.rglob("NotoSansSC-Regular.ttf")))
    chooser = subset.Subsetter()
    chooser.populate(text="吉")
    chooser.subset(font)
    table = CmapSubtable.newSubtable(12)
    table.platformID, table.platEncID, table.language = 3, 10, 0
    table.cmap = {**font.getBestCmap(), 0x20BB7: font.getBestCmap()[ord("吉")]}
    font["cmap"].tables.append(table)
    for record in font["name"].names:
        record.string = str(record).replace("Noto Sans SC", "Rare Han")
    font.save(path)
    return str(path)


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_code_is_read_from_every_layout_at_150_dpi(layout: Layout, language: str) -> None:
    rendered = render(paper(language=language), layout, fonts=FONTS)
    assert len(URL) > 60
    assert codes(rendered) == [URL]


@pytest.mark.parametrize("layout", list(Layout))
def test_a_paper_is_archival_and_says_everything(layout: Layout) -> None:
    one = paper(findings=(finding(1, photos=(photo(), photo(600, 900))), finding(2, photos=(photo(),))))
    rendered = render(one, layout, fonts=FONTS)
    assert rendered.is_pdf_a
    assert rendered.missing_glyphs == []
    assert b"pdfaid" in rendered.pdf
    text = words(rendered)
    for value in (one.issuing_body, one.number, one.premises_name, one.address, one.credit_code, one.footer):
        assert re.sub(r"\s", "", value) in text
    for value in (
        "示范员乙",
        "XG000124",
        "《消防法》第二十八条",
        "一式两份",
        "（不是行政检查码）",
        "出具单位盖章",
    ):
        assert value in text


@pytest.mark.parametrize(("layout", "millimetres"), [(Layout.MM80, 80), (Layout.MM58, 58)])
def test_a_strip_is_one_page_as_wide_as_its_paper(layout: Layout, millimetres: int) -> None:
    rendered = render(
        paper(findings=tuple(finding(n, photos=(photo(),)) for n in range(1, 9))), layout, fonts=FONTS
    )
    document = open_pdf(rendered)
    assert len(document) == 1
    assert document[0].get_width() == pytest.approx(millimetres / 25.4 * 72, abs=0.1)


def test_no_strip_is_longer_than_pdf_readers_take() -> None:
    endless = tuple(finding(n, fact="很长的说明。" * 1667) for n in range(1, 4))
    document = open_pdf(render(paper(findings=endless), Layout.MM58, fonts=FONTS))
    assert max(page.get_height() for page in document) < 14_400  # points, PDF 1.7 annex C


def test_a_strip_needs_no_colour() -> None:
    image = (
        open_pdf(render(paper(findings=(finding(photos=(photo(),)),)), Layout.MM80, fonts=FONTS))[0]
        .render()
        .to_pil()
    )
    red, green, blue = image.convert("RGB").split()
    assert red.tobytes() == green.tobytes() == blue.tobytes()


def test_long_papers_number_their_pages_and_keep_receipt_and_seal_together() -> None:
    many = tuple(finding(n, photos=tuple(photo() for _ in range(n % 4))) for n in range(1, 13))
    document = open_pdf(render(paper(findings=many), Layout.A4, fonts=FONTS))
    pages = [page.get_textpage().get_text_range() for page in document]
    assert len(pages) >= 3
    for number, text in enumerate(pages, start=1):
        assert f"第 {number} 页 · 共 {len(pages)} 页" in text
        assert "3F9A 0C11 77BE 24D0" in text
    assert [("签收人" in text, "(出具单位盖章)" in text) for text in pages][-1] == (True, True)


def test_a_notice_with_one_finding_fits_one_page() -> None:
    rendered = render(paper(findings=(finding(photos=(photo(), photo(), photo())),)), Layout.A4, fonts=FONTS)
    assert len(open_pdf(rendered)) == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_user_text_is_never_markup(text: str) -> None:
    one = paper(
        premises_name=text, address=text, person_in_charge=text, findings=(finding(title=text, fact=text),)
    )
    for layout in (Layout.A4, Layout.MM58):
        rendered = render(one, layout, fonts=FONTS)
        assert rendered.is_pdf_a
        assert re.sub(r"[\s\u200b]", "", clean(text)).replace("\ufffe", "") in words(rendered).replace(
            "\ufffe", ""
        )


@pytest.mark.parametrize(
    "text", ["很长的说明。" * 1667, "x" * 10_000, "https://example.org/" + "a/" * 4990, "词 word " * 1250]
)
@pytest.mark.parametrize("layout", list(Layout))
def test_ten_thousand_characters_are_all_printed_inside_the_paper(text: str, layout: Layout) -> None:
    rendered = render(paper(findings=(finding(fact=text),)), layout, fonts=FONTS)
    assert rendered.is_pdf_a
    for page in open_pdf(rendered):
        layer = page.get_textpage()
        boxes = [layer.get_rect(i) for i in range(layer.count_rects())]
        assert min(left for left, *_ in boxes) >= 0
        assert (
            max(right for _left, _bottom, right, _top in boxes) <= page.get_width() - 9
        )  # points; the margin
    printed = words(rendered)
    assert printed.count(text[0]) >= text.count(text[0])


def test_a_rare_character_takes_the_font_from_the_settings(
    rare_font: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fonts = dataclasses.replace(FONTS, rare_font=rare_font)
    with no_system_fonts(monkeypatch):
        rendered = render(paper(person_in_charge="示范𠮷某"), Layout.A4, fonts=fonts)
    assert (rendered.is_pdf_a, rendered.missing_glyphs) == (True, [])
    assert "示范𠮷某" in words(rendered)


def test_a_rare_character_takes_a_system_font_that_has_it(
    rare_font: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(print_fonts, "system_fonts", lambda: (FontFile(print_fonts.Path(rare_font)),))
    rendered = render(paper(premises_name="𠮷祥小吃"), Layout.MM58, fonts=FONTS)
    assert (rendered.is_pdf_a, rendered.missing_glyphs) == (True, [])


@pytest.mark.parametrize(
    ("text", "missing"), [("𠮷祥小吃", ["𠮷"]), ("😀好👍🏽", ["😀", "👍", "🏽"]), ("\ue000某", ["\ue000"])]
)
def test_without_a_font_it_still_prints_and_says_what_is_missing(
    text: str, missing: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with no_system_fonts(monkeypatch):
        rendered = render(paper(premises_name=text), Layout.A4, fonts=FONTS)
    assert (rendered.is_pdf_a, rendered.missing_glyphs) == (False, missing)
    assert codes(rendered) == [URL]


def test_a_broken_rare_font_is_passed_over(
    tmp_path: print_fonts.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    fonts = dataclasses.replace(FONTS, rare_font=str(tmp_path / "broken.ttf"))
    with no_system_fonts(monkeypatch):
        assert render(paper(address="𠮷"), Layout.A4, fonts=fonts).missing_glyphs == ["𠮷"]


def test_invisible_characters_are_not_missing() -> None:
    assert FONTS.lacking("吉\ufe0f\u200d\u200b \n〔〕①") == []


@pytest.mark.parametrize("data", [b"", b"no photo", photo()[:4000]])
@pytest.mark.parametrize("layout", list(Layout))
def test_an_unreadable_photo_leaves_a_box_and_the_rest_prints(data: bytes, layout: Layout) -> None:
    rendered = render(paper(findings=(finding(photos=(data, photo())),)), layout, fonts=FONTS)
    assert rendered.is_pdf_a
    assert "照片无法打印" in words(rendered)


def test_position_and_device_never_reach_the_paper() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "SECRETPHONE", 6
    out = BytesIO()
    Image.open(BytesIO(photo())).save(out, "JPEG", exif=exif)
    assert (
        b"SECRETPHONE"
        not in render(paper(findings=(finding(photos=(out.getvalue(),)),)), Layout.A4, fonts=FONTS).pdf
    )


@pytest.mark.parametrize(
    ("receipt", "said"),
    [
        (Receipt(), ["签收人", "陈述意见", "见证人"]),
        (Receipt(ReceiptKind.SIGNED, "示范业主甲", "2026年11月22日"), ["已签收", "示范业主甲"]),
        (
            Receipt(ReceiptKind.REFUSED, "", "2026年11月22日", "要等老板", "示范村干部"),
            ["拒签", "要等老板", "示范村干部"],
        ),
        (Receipt(ReceiptKind.LEFT, "", "2026年11月22日", "柜台上", "示范村干部"), ["柜台上", "示范村干部"]),
        (Receipt(ReceiptKind.SENT, "", "2026年11月22日", "0000-5550188"), ["发送至", "0000-5550188"]),
    ],
)
@pytest.mark.parametrize("layout", list(Layout))
def test_the_receipt_says_how_the_paper_was_handed_over(
    receipt: Receipt, said: list[str], layout: Layout
) -> None:
    text = words(render(paper(receipt=receipt), layout, fonts=FONTS))
    assert [word for word in said if word not in text] == []


@pytest.mark.parametrize("layout", list(Layout))
def test_a_drawn_signature_is_printed_and_a_broken_one_is_not(layout: Layout) -> None:
    signed = Receipt(ReceiptKind.SIGNED, "示范业主甲", signature=drawn_signature())
    with_ink = render(paper(receipt=signed), layout, fonts=FONTS)
    without = render(paper(receipt=dataclasses.replace(signed, signature=b"broken")), layout, fonts=FONTS)
    assert with_ink.is_pdf_a
    assert without.is_pdf_a
    assert len(with_ink.pdf) > len(without.pdf) + 500


@pytest.mark.parametrize("layout", list(Layout))
def test_withdrawn_and_draft_papers_say_so(layout: Layout) -> None:
    assert "已撤回" in words(render(paper(withdrawn_text="本单已撤回"), layout, fonts=FONTS))
    draft = render(paper(is_draft=True, url="", number=""), layout, fonts=FONTS)
    assert "草稿" in words(draft)
    assert codes(draft) == []


def test_an_almost_empty_paper_prints() -> None:
    bare = {f.name: "" for f in dataclasses.fields(paper()) if isinstance(getattr(paper(), f.name), str)}
    for layout in Layout:
        rendered = render(
            paper(**bare | {"language": "zh", "findings": (), "inspectors": ()}), layout, fonts=FONTS
        )
        assert rendered.is_pdf_a


def test_the_same_paper_gives_the_same_bytes() -> None:
    assert render(paper(), Layout.A4, fonts=FONTS).pdf == render(paper(), Layout.A4, fonts=FONTS).pdf


def test_papers_are_made_at_the_same_time_without_mixing() -> None:
    numbers = [f"南卫协建〔2026〕{n:04d}号" for n in range(12)]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda number: render(paper(number=number), Layout.MM58, fonts=FONTS), numbers))
    assert all(number in words(one) for number, one in zip(numbers, made, strict=True))


def test_plain_pdf_on_request() -> None:
    rendered = render(paper(), Layout.A4, fonts=FONTS, pdf_a=False)
    assert not rendered.is_pdf_a
    assert b"pdfaid" not in rendered.pdf


def test_a_coordinators_words_are_never_an_authoritys() -> None:
    labels = labels_for("zh", official=False)
    said = "".join(
        value for name, value in labels.items() if name != "qr_not"
    )  # "this is not an inspection code"
    assert [word for word in ("检查", "责令", "限期", "处罚", "违法") if word in said] == []
    assert "检查" in labels_for("zh", official=True)["visit"]


def test_both_languages_have_every_label() -> None:
    assert len({frozenset(labels) for labels in ALL.values()}) == 1


def test_labels_of_the_kind_go_over_the_shipped_ones() -> None:
    text = words(render(paper(labels={"visit": "走访时间"}), Layout.A4, fonts=FONTS))
    assert "走访时间" in text
    assert "巡查时间" not in text


@pytest.mark.parametrize("scale", [1, 3, 10])
def test_the_code_alone_is_read_as_png(scale: int) -> None:
    image = Image.open(BytesIO(qr_png(URL, scale))).convert("L")
    assert image.width == len(modules(URL)) * scale
    assert [
        code.text for code in zxingcpp.read_barcodes(image.resize((image.width * 2, image.height * 2), 0))
    ] == [URL]


def test_the_code_has_a_quiet_zone_and_correction_m() -> None:
    rows = modules(URL)
    assert not any(any(row) for row in (*rows[:4], *rows[-4:]))
    assert not any(row[i] for row in rows for i in (0, 1, 2, 3, -1, -2, -3, -4))
    code = zxingcpp.read_barcodes(Image.open(BytesIO(qr_png(URL))).convert("L"))[0]
    assert code.ec_level == "M"
