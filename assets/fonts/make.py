#!/usr/bin/env python3
"""Makes the embedded fonts from Noto CJK. Usage: make.py NOTO_DIR KTGH.txt OUT_DIR

NOTO_DIR holds NotoSerifCJK-Regular.ttc, NotoSerifCJK-SemiBold.ttc and NotoSansCJK-Regular.ttc
(Debian: fonts-noto-cjk, fonts-noto-cjk-extra). KTGH.txt lists the 通用规范汉字表 as the lines of
Unihan's kTGH field (`U+3447<TAB>kTGH<TAB>2013:6602`). Needs fonttools 4.
"""
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection

FONTS = [
    ("NotoSerifCJK-Regular.ttc", "Noto Serif CJK SC", "NotoSerifSC-Regular.otf"),
    ("NotoSerifCJK-SemiBold.ttc", "Noto Serif CJK SC SemiBold", "NotoSerifSC-SemiBold.otf"),
    ("NotoSansCJK-Regular.ttc", "Noto Sans CJK SC", "NotoSansSC-Regular.otf"),
]
EXTRA = "·・—…“”‘’№℃㎡㎥½×÷±≤≥°′″←→↑↓○●□■◇◆☆★※〇−–•‧"


def charset(table: Path) -> set[int]:
    """GBK, the whole general table, Latin-1 and Latin Extended-A, and marks of addresses."""
    codes = {int(line.split("\t")[0][2:], 16) for line in table.read_text().splitlines() if line.startswith("U+")}
    for high in range(0x81, 0xFF):
        for low in range(0x40, 0xFF):
            try:
                codes.add(ord(bytes([high, low]).decode("gbk")))
            except UnicodeDecodeError:
                pass
    codes |= set(range(0x20, 0x7F)) | set(range(0xA0, 0x180)) | {ord(c) for c in EXTRA}
    codes.discard(0xAD)
    return {code for code in codes if not 0xE000 <= code <= 0xF8FF}


def main(source: Path, table: Path, out: Path) -> None:
    wanted = charset(table)
    for file, name, target in FONTS:
        fonts = TTCollection(source / file).fonts
        font = next(f for f in fonts if f["name"].getDebugName(4) in (name, name + " Regular"))
        options = subset.Options()
        options.desubroutinize = True
        options.hinting = False
        options.layout_features = []
        options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG"]
        options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 7, 13, 14]
        options.notdef_outline = True
        maker = subset.Subsetter(options)
        maker.populate(unicodes=wanted)
        maker.subset(font)
        font.save(out / target)
        missing = sorted(wanted - set(font.getBestCmap()))
        head, os2 = font["head"], font["OS/2"]
        print(target, (out / target).stat().st_size, font["maxp"].numGlyphs, "glyphs;",
              font["name"].getDebugName(5), "; em", head.unitsPerEm, "cap", os2.sCapHeight,
              "; missing", "".join(map(chr, missing)))
        for needed in "〇喆堃旸镕赟頔":
            assert ord(needed) in font.getBestCmap(), needed


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
