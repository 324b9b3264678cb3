"""What Python's libraries write: make.py FOLDER."""
import io
import sys
from pathlib import Path

out = Path(sys.argv[1])


def reportlab():
    from reportlab.pdfgen.canvas import Canvas

    for name, compressed, version in [("reportlab", 1, (1, 4)), ("reportlab-plain", 0, (1, 3))]:
        canvas = Canvas(str(out / f"{name}.pdf"), invariant=1, pageCompression=compressed, pdfVersion=version)
        canvas.setTitle("SAMPLE (page) \\ 样本")
        canvas.drawString(72, 700, "SAMPLE")
        canvas.acroForm.textfield(name="note", x=72, y=600, width=200, height=20, value="old")
        canvas.linkURL("http://sample.example/", (72, 700, 120, 712))
        canvas.bookmarkPage("p")
        canvas.addOutlineEntry("Top (1)", "p")
        canvas.showPage()
        canvas.save()


def fpdf2():
    from fpdf import FPDF

    pdf = FPDF()
    pdf.set_creation_date(__import__("datetime").datetime(2026, 1, 1, tzinfo=__import__("datetime").timezone.utc))
    pdf.add_page()
    pdf.set_font("Helvetica", size=20)
    pdf.cell(text="SAMPLE", link="http://sample.example/")
    # A picture in three colours, so that its rows have predictors.
    import PIL.Image

    picture = PIL.Image.new("RGB", (9, 9))
    picture.putdata([(n * 3 % 256, n, 255 - n) for n in range(81)])
    picture.save(out / "picture.png")
    pdf.image(out / "picture.png", x=50, y=50)
    pdf.output(str(out / "fpdf2.pdf"))


def pikepdf():
    """Every kind of object with every way to write it that qpdf keeps or makes."""
    import pikepdf as p

    pdf = p.new()
    font = pdf.make_indirect(p.Dictionary(Type=p.Name.Font, Subtype=p.Name.Type1, BaseFont=p.Name.Helvetica))
    content = pdf.make_stream(b"BT /F1 24 Tf 72 700 Td (SAMPLE) Tj ET")
    page = p.Dictionary(
        Type=p.Name.Page, MediaBox=[0, 0, 595.276, 841.89], Contents=content,
        Resources=p.Dictionary(Font=p.Dictionary(F1=font)),
    )
    pdf.pages.append(p.Page(pdf.make_indirect(page)))
    pdf.Root["/Sample"] = p.Dictionary({
        "/Real": __import__("decimal").Decimal("-0.5"), "/Whole": -2147483648, "/Large": 9007199254740993,
        "/Text": p.String("brackets ( ) \\ and \r\n ends"), "/Chinese": p.String("样本 〇"),
        "/Bytes": p.String(bytes(range(256))), "/Yes": True, "/No": False,
        "/A (b)/c": p.Name("/d e[f]样"), "/Empty": p.Name("/"), "/Nothing": p.Array([]),
        "/Deep": p.Array([p.Array([p.Dictionary({"/N": p.Array([1, p.Array([])])})])]),
        "/Raw": pdf.make_stream(bytes(range(256)) * 3),
        "/Blank": pdf.make_stream(b""),
    })
    pdf.save(out / "pikepdf.pdf", deterministic_id=True)
    pdf.save(out / "pikepdf-objstm.pdf", deterministic_id=True, object_stream_mode=p.ObjectStreamMode.generate, recompress_flate=True)


def pypdf():
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=out / "reportlab.pdf")
    writer.add_metadata({"/Title": "样本"})
    writer.write(out / "pypdf.pdf")
    writer = PdfWriter(out / "reportlab.pdf", incremental=True)
    writer.update_page_form_field_values(writer.pages[0], {"note": "new"}, auto_regenerate=False)
    writer.write(out / "pypdf-incremental.pdf")


def pymupdf():
    import pymupdf

    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((72, 72), "SAMPLE")
    page.insert_link({"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(72, 60, 120, 72), "uri": "http://sample.example/"})
    document.set_metadata({"title": "样本"})
    document.save(out / "pymupdf.pdf", garbage=4, deflate=True, use_objstms=1, no_new_id=True)
    document.close()
    path = out / "pymupdf-incremental.pdf"
    path.write_bytes((out / "reportlab.pdf").read_bytes())
    document = pymupdf.open(path)
    document[0].add_text_annot((100, 100), "a note")
    document.saveIncr()


def weasyprint():
    from weasyprint import HTML

    html = "<html lang=en><title>SAMPLE</title><h1>SAMPLE</h1><input name=a value=b><a href='http://sample.example/'>x</a></html>"
    for name, options in {
        "weasyprint": {}, "weasyprint-ua": {"pdf_variant": "pdf/ua-1"},
    }.items():
        HTML(string=html).write_pdf(out / f"{name}.pdf", **options)


def pyhanko():
    from pyhanko.pdf_utils import generic, writer
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields

    for name, stream in [("table", False), ("stream", True)]:
        made = writer.PdfFileWriter(stream_xrefs=stream)
        page = writer.PageObject(
            contents=made.add_object(generic.StreamObject(stream_data=b"q Q")), media_box=generic.ArrayObject(
                generic.NumberObject(n) for n in (0, 0, 300, 300)),
        )
        made.insert_page(page)
        with open(out / f"pyhanko-{name}.pdf", "wb") as handle:
            made.write(handle)
        data = io.BytesIO((out / f"pyhanko-{name}.pdf").read_bytes())
        new = IncrementalPdfFileWriter(data)
        fields.append_signature_field(new, fields.SigFieldSpec("Empty", box=(10, 10, 90, 40)))
        with open(out / f"pyhanko-{name}-incremental.pdf", "wb") as handle:
            new.write(handle)


for make in [reportlab, fpdf2, pikepdf, pypdf, pymupdf, weasyprint, pyhanko]:
    make()
