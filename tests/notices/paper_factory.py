"""An invented notice as plain data, for tests of the paper."""

from dataclasses import replace
from io import BytesIO

from PIL import Image, ImageDraw

from app.core.settings import project_root
from app.notices.paper import NoticePaper, PaperFinding, PaperPerson
from app.notices.print_fonts import FontSet

URL = "https://xuncha.a-county-with-a-long-name.example/n/3f9QkZ7dT2mB8wXcVbN5pL"
FONTS = FontSet(project_root() / "static" / "vendor")


def photo(width: int = 1000, height: int = 750, tone: int = 90) -> bytes:
    """A JPEG with some structure, as large as the print views are."""
    image = Image.effect_noise((width, height), 40).convert("RGB")
    ImageDraw.Draw(image).rectangle((width // 4, height // 4, width // 2, height // 2), fill=(tone, 160, 90))
    out = BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def finding(ordinal: int = 1, **changes: object) -> PaperFinding:
    one = PaperFinding(
        ordinal,
        "安全出口、疏散通道畅通",
        fact="后门通道内堆放纸箱约 20 个,宽度只剩 40 厘米。",
        basis="《消防法》第二十八条",
        advice="清空通道,保持门内外都能推开。",
        due_text="建议 2026年11月29日 前改好",
    )
    return replace(one, **changes)


def paper(**changes: object) -> NoticePaper:
    one = NoticePaper(
        issuing_body="演示县南河镇卫生院",
        issuing_phone="0000-5550123",
        kind_title="巡查整改建议单",
        number="南卫协建〔2026〕0012号",
        is_official=False,
        premises_name="青禾小饭馆(演示)",
        person_in_charge="示范业主甲",
        address="演示县南河镇青禾村三组沿河路幸福里小区东门外一百米十八号一层商铺",
        phone="0000-5550188",
        credit_code="91000000MA0DEMO12X",
        inspected_at="2026年11月22日 09:40",
        inspectors=(PaperPerson("示范员甲", "XG000123"), PaperPerson("示范员乙", "XG000124")),
        due_summary="建议 2026年11月29日 前改好",
        findings=(finding(1),),
        objection_text="觉得哪一条不对?请打电话给我们。",
        footer="本单为指导建议;如需核实请拨0000-5550123。",
        stamp_text="(出具单位盖章)",
        copies_text="一式两份:一份留存,一份交巡查点",
        issued_on="2026年11月22日",
        issued_iso="2026-11-22T10:12:00+08:00",
        digest="3F9A 0C11 77BE 24D0",
        url=URL,
    )
    return replace(one, **changes)
