"""Make the default Word template: ``python docs/decisions/make_reference_docx.py kaa_analysis/render/word/reference.docx``.

Styles are built-in ones where Word has them, so that the author can go on writing; our own begin with *KAA-*.
Every measure is in twentieths of a point, every type size in half points, as the format wants them.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

INK, MUTED, ACCENT, HAIRLINE, SHADE = "1B2127", "56616B", "1B5E9B", "D5DBE0", "F3F5F7"
DRAFT_INK, DRAFT_PAPER = "5C3D00", "FDF1D8"
FONT = "Calibri"
LANGUAGE = "sv-SE"
MARGIN = 1417  # 25 mm
PAGE = (11906, 16838)  # A4
MIDDLE, RIGHT = 4536, 9072

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORDML = "application/vnd.openxmlformats-officedocument.wordprocessingml"
PROLOGUE = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def spacing(before: int, after: int, line: int = 0) -> str:
    lines = f' w:line="{line}" w:lineRule="auto"' if line else ""
    return f'<w:spacing w:before="{before}" w:after="{after}"{lines}/>'


def shade(colour: str) -> str:
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="5" w:color="{colour}"/>'
        for side in ("top", "left", "bottom", "right")
    )
    return f'<w:pBdr>{edges}</w:pBdr><w:shd w:val="clear" w:color="auto" w:fill="{colour}"/>'


def runs(*, size: float = 0, colour: str = "", bold: bool = False, italic: bool = False) -> str:
    return (
        ("<w:b/><w:bCs/>" if bold else "")
        + ("<w:i/><w:iCs/>" if italic else "")
        + (f'<w:color w:val="{colour}"/>' if colour else "")
        + (f'<w:sz w:val="{round(size * 2)}"/><w:szCs w:val="{round(size * 2)}"/>' if size else "")
    )


def style(
    identity: str, name: str, *, based: str = "", following: str = "", own: bool = False, shown: int = 99,
    kind: str = "paragraph", paragraph: str = "", run: str = "", rest: str = "",
) -> str:  # fmt: skip
    standard = ' w:default="1"' if identity in ("Normal", "DefaultParagraphFont", "TableNormal") else ""
    custom = ' w:customStyle="1"' if own else ""
    return (
        f'<w:style w:type="{kind}"{standard}{custom} w:styleId="{identity}"><w:name w:val="{name}"/>'
        + (f'<w:basedOn w:val="{based}"/>' if based else "")
        + (f'<w:next w:val="{following}"/>' if following else "")
        + f'<w:uiPriority w:val="{shown}"/>'
        + ("<w:qFormat/>" if shown < 40 else "")
        + (f"<w:pPr>{paragraph}</w:pPr>" if paragraph else "")
        + (f"<w:rPr>{run}</w:rPr>" if run else "")
        + rest
        + "</w:style>"
    )


def heading(level: int, size: float, before: int, after: int) -> str:
    kept = f'<w:keepNext/><w:keepLines/>{spacing(before, after, 252)}<w:outlineLvl w:val="{level - 1}"/>'
    look = runs(size=size, colour=INK, bold=True)
    return style(
        f"Heading{level}", f"heading {level}", based="Normal", following="BodyText", shown=9, paragraph=kept, run=look
    )


def paragraph_styles() -> str:
    close = "<w:contextualSpacing/>"
    return "".join([
        style("Normal", "Normal", shown=0, paragraph=spacing(0, 120, 271), run=runs(colour=INK)),
        style("BodyText", "Body Text", based="Normal", shown=1, paragraph="<w:widowControl/>"),
        style("FirstParagraph", "First Paragraph", based="BodyText", following="BodyText", own=True),
        style("Compact", "Compact", based="BodyText", own=True, paragraph=spacing(0, 60)),
        style("Title", "Title", based="Normal", following="BodyText", shown=10,
              paragraph=f"<w:keepNext/><w:keepLines/>{spacing(0, 160, 240)}", run=runs(size=25, bold=True)),
        heading(1, 16, 400, 100), heading(2, 13, 280, 80), heading(3, 11.5, 220, 60),
        heading(4, 11, 180, 40), heading(5, 11, 180, 40), heading(6, 11, 180, 40),
        style("BlockText", "Block Text", based="BodyText", paragraph='<w:ind w:left="340"/>', run=runs(colour=MUTED)),
        style("Caption", "caption", based="Normal", following="BodyText", shown=35,
              paragraph=f"<w:keepLines/>{spacing(160, 80, 252)}", run=runs(size=10.5, bold=True)),
        style("Header", "header", based="Normal",
              paragraph=f'<w:tabs><w:tab w:val="center" w:pos="{MIDDLE}"/><w:tab w:val="right" w:pos="{RIGHT}"/></w:tabs>{spacing(0, 0, 240)}',
              run=runs(size=9, colour=MUTED)),
        style("Footer", "footer", based="Normal", paragraph=f'{spacing(0, 0, 240)}<w:jc w:val="right"/>',
              run=runs(size=9, colour=MUTED)),
        style("FootnoteText", "footnote text", based="Normal", paragraph=spacing(0, 40, 240), run=runs(size=9)),
        style("SourceCode", "Source Code", based="Normal", own=True, run=runs(size=9.5)),
        style("KAA-uppgift", "KAA-uppgift", based="Normal", own=True, shown=36,
              paragraph=f"{spacing(0, 240, 259)}{close}", run=runs(colour=MUTED)),
        style("KAA-utkast", "KAA-utkast", based="Normal", following="BodyText", own=True, shown=36,
              paragraph=f"{shade(DRAFT_PAPER)}{spacing(0, 280, 240)}<w:ind w:left=\"113\" w:right=\"113\"/>", run=runs(size=10, colour=DRAFT_INK)),
        style("KAA-figur", "KAA-figur", based="Normal", following="Caption", own=True, shown=36,
              paragraph=f"<w:keepNext/>{spacing(200, 0, 240)}"),
        style("KAA-not", "KAA-not", based="Normal", following="BodyText", own=True, shown=36,
              paragraph=f"<w:keepLines/>{spacing(80, 240, 247)}{close}", run=runs(size=9, colour=MUTED)),
        style("KAA-metod", "KAA-metod", based="Normal", following="BodyText", own=True, shown=36,
              paragraph=f'{shade(SHADE)}{spacing(0, 320, 247)}<w:ind w:left="113" w:right="113"/>{close}',
              run=runs(size=9)),
        style("KAA-tabelltext", "KAA-tabelltext", based="Normal", own=True, shown=36,
              paragraph=spacing(0, 0, 240), run=runs(size=9)),
        style("KAA-tabelltal", "KAA-tabelltal", based="KAA-tabelltext", own=True, shown=36,
              paragraph='<w:jc w:val="right"/>'),
    ])  # fmt: skip


def character_styles() -> str:
    return "".join([
        style("DefaultParagraphFont", "Default Paragraph Font", kind="character"),
        style("Strong", "Strong", kind="character", based="DefaultParagraphFont", shown=22, run="<w:b/><w:bCs/>"),
        style("Hyperlink", "Hyperlink", kind="character", based="DefaultParagraphFont",
              run=f'<w:color w:val="{ACCENT}"/><w:u w:val="single"/>'),
        style("FootnoteReference", "footnote reference", kind="character", based="DefaultParagraphFont",
              run='<w:vertAlign w:val="superscript"/>'),
        style("VerbatimChar", "Verbatim Char", kind="character", based="DefaultParagraphFont", own=True,
              run='<w:rFonts w:ascii="Consolas" w:hAnsi="Consolas"/><w:sz w:val="19"/>'),
    ])  # fmt: skip


def border(side: str, colour: str, size: int) -> str:
    return f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="{colour}"/>'


def margins(across: int, along: int) -> str:
    return "<w:tblCellMar>" + "".join(
        f'<w:{side} w:w="{width}" w:type="dxa"/>'
        for side, width in (("top", along), ("left", across), ("bottom", along), ("right", across))
    ) + "</w:tblCellMar>"  # fmt: skip


def table_styles() -> str:
    plain = f'<w:tblPr><w:tblInd w:w="0" w:type="dxa"/>{margins(108, 0)}</w:tblPr>'
    lines = border("top", INK, 12) + border("bottom", INK, 12) + border("insideH", HAIRLINE, 4)
    look = f'<w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblBorders>{lines}</w:tblBorders>{margins(57, 40)}</w:tblPr>'
    first = (
        '<w:tblStylePr w:type="firstRow"><w:rPr><w:b/><w:bCs/></w:rPr><w:tcPr><w:vAlign w:val="bottom"/></w:tcPr>'
        "</w:tblStylePr>"
    )
    return "".join([
        style("TableNormal", "Normal Table", kind="table", rest=plain),
        style("Table", "Table", kind="table", based="TableNormal", own=True, rest=look + first),
        style("KAA-tabell", "KAA-tabell", kind="table", based="TableNormal", own=True, shown=36, rest=look + first),
    ])  # fmt: skip


def styles() -> str:
    fonts = '<w:rFonts w:asciiTheme="minorHAnsi" w:hAnsiTheme="minorHAnsi" w:eastAsiaTheme="minorEastAsia" w:cstheme="minorBidi"/>'
    return (
        f'<w:styles xmlns:w="{W}"><w:docDefaults><w:rPrDefault><w:rPr>{fonts}<w:sz w:val="22"/><w:szCs w:val="22"/>'
        f'<w:lang w:val="{LANGUAGE}" w:eastAsia="{LANGUAGE}" w:bidi="ar-SA"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>'
        '<w:latentStyles w:defLockedState="0" w:defUIPriority="99" w:defSemiHidden="0" w:defUnhideWhenUsed="0" w:defQFormat="0" w:count="376"/>'
        f"{paragraph_styles()}{character_styles()}{table_styles()}</w:styles>"
    )


def settings() -> str:
    modern = "http://schemas.microsoft.com/office/word"
    return (
        f'<w:settings xmlns:w="{W}"><w:zoom w:percent="100"/><w:defaultTabStop w:val="1304"/><w:compat>'
        f'<w:compatSetting w:name="compatibilityMode" w:uri="{modern}" w:val="15"/></w:compat>'
        f'<w:themeFontLang w:val="{LANGUAGE}"/><w:clrSchemeMapping w:bg1="light1" w:t1="dark1" w:bg2="light2" w:t2="dark2" '
        'w:accent1="accent1" w:accent2="accent2" w:accent3="accent3" w:accent4="accent4" w:accent5="accent5" w:accent6="accent6" '
        'w:hyperlink="hyperlink" w:followedHyperlink="followedHyperlink"/>'
        '<w:decimalSymbol w:val=","/><w:listSeparator w:val=";"/></w:settings>'
    )


def fonts() -> str:
    swiss = '<w:charset w:val="00"/><w:family w:val="swiss"/><w:pitch w:val="variable"/>'
    return (
        f'<w:fonts xmlns:w="{W}"><w:font w:name="{FONT}"><w:altName w:val="Carlito"/>'
        f'<w:panose1 w:val="020F0502020204030204"/>{swiss}</w:font></w:fonts>'
    )


def theme() -> str:
    colours = {
        "dk1": INK, "lt1": "FFFFFF", "dk2": MUTED, "lt2": SHADE, "accent1": ACCENT, "accent2": "6B7784", "accent3": "A04A1C",
        "accent4": "8793A0", "accent5": MUTED, "accent6": INK, "hlink": ACCENT, "folHlink": MUTED,
    }  # fmt: skip
    scheme = "".join(f'<a:{name}><a:srgbClr val="{colour}"/></a:{name}>' for name, colour in colours.items())
    face = f'<a:latin typeface="{FONT}"/><a:ea typeface=""/><a:cs typeface=""/>'
    fill = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
    line = f'<a:ln w="6350">{fill}</a:ln>'
    effect = "<a:effectStyle><a:effectLst/></a:effectStyle>"
    return (
        f'<a:theme xmlns:a="{A}" name="KAA"><a:themeElements><a:clrScheme name="KAA">{scheme}</a:clrScheme>'
        f'<a:fontScheme name="KAA"><a:majorFont>{face}</a:majorFont><a:minorFont>{face}</a:minorFont></a:fontScheme>'
        f'<a:fmtScheme name="KAA"><a:fillStyleLst>{fill * 3}</a:fillStyleLst><a:lnStyleLst>{line * 3}</a:lnStyleLst>'
        f"<a:effectStyleLst>{effect * 3}</a:effectStyleLst><a:bgFillStyleLst>{fill * 3}</a:bgFillStyleLst></a:fmtScheme>"
        "</a:themeElements></a:theme>"
    )


def text(words: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{words}</w:t></w:r>'


def field(code: str, result: str) -> str:
    return f'<w:fldSimple w:instr=" {code} ">{text(result)}</w:fldSimple>'


def frame(tag: str, style_id: str, content: str) -> str:
    return f'<w:{tag} xmlns:w="{W}"><w:p><w:pPr><w:pStyle w:val="{style_id}"/></w:pPr>{content}</w:p></w:{tag}>'


def document() -> str:
    names = [
        "Title",
        "KAA-utkast",
        "KAA-uppgift",
        "Heading1",
        "BodyText",
        "Heading2",
        "Caption",
        "KAA-not",
        "KAA-metod",
    ]
    body = "".join(f'<w:p><w:pPr><w:pStyle w:val="{name}"/></w:pPr>{text(name)}</w:p>' for name in names)
    parts = [("header", "default", 11), ("header", "first", 12), ("footer", "default", 13), ("footer", "first", 14)]
    references = "".join(f'<w:{tag}Reference w:type="{kind}" r:id="rId{number}"/>' for tag, kind, number in parts)
    sides = " ".join(f'w:{side}="{MARGIN}"' for side in ("top", "right", "bottom", "left"))
    return (
        f'<w:document xmlns:w="{W}" xmlns:r="{R}"><w:body>{body}<w:sectPr>{references}'
        f'<w:pgSz w:w="{PAGE[0]}" w:h="{PAGE[1]}"/><w:pgMar {sides} w:header="709" w:footer="709" w:gutter="0"/>'
        "<w:titlePg/></w:sectPr></w:body></w:document>"
    )


def relationships(targets: dict[str, tuple[str, str]]) -> str:
    found = "".join(
        f'<Relationship Id="{name}" Type="{kind if kind.startswith("http") else f"{R}/{kind}"}" Target="{target}"/>'
        for name, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{found}</Relationships>'


PARTS = {
    "styles": ("rId1", "styles.xml"), "settings": ("rId2", "settings.xml"), "fontTable": ("rId3", "fontTable.xml"),
    "theme": ("rId4", "theme/theme1.xml"),
}  # fmt: skip
FRAMES = {
    "rId11": ("header", "header1.xml"), "rId12": ("header", "header2.xml"),
    "rId13": ("footer", "footer1.xml"), "rId14": ("footer", "footer2.xml"),
}  # fmt: skip


def content_types() -> str:
    kinds = {"/word/document.xml": f"{WORDML}.document.main+xml"}
    kinds |= {f"/word/{kind}.xml": f"{WORDML}.{kind}+xml" for kind in ("styles", "settings", "fontTable")}
    kinds |= {f"/word/{target}": f"{WORDML}.{kind}+xml" for kind, target in FRAMES.values()}
    kinds["/word/theme/theme1.xml"] = "application/vnd.openxmlformats-officedocument.theme+xml"
    overrides = "".join(f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in kinds.items())
    return (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{overrides}</Types>'
    )


def parts() -> dict[str, str]:
    """Return the text of every part by its name."""
    numbered = {name: (kind, target) for kind, (name, target) in PARTS.items()} | FRAMES
    page = text("sida ") + field("PAGE", "1") + text(" (") + field("NUMPAGES", "1") + text(")")
    return {
        "[Content_Types].xml": content_types(),
        "_rels/.rels": relationships({"rId1": ("officeDocument", "word/document.xml")}),
        "word/document.xml": document(),
        "word/_rels/document.xml.rels": relationships(numbered),
        "word/styles.xml": styles(),
        "word/settings.xml": settings(),
        "word/fontTable.xml": fonts(),
        "word/theme/theme1.xml": theme(),
        "word/header1.xml": frame("hdr", "Header", field("TITLE", "Titel")),
        "word/header2.xml": frame("hdr", "Header", ""),
        "word/footer1.xml": frame("ftr", "Footer", page),
        "word/footer2.xml": frame("ftr", "Footer", page),
    }


def write(path: Path) -> None:
    """Write the template: the same bytes each time."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts().items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            package.writestr(entry, PROLOGUE + content)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
