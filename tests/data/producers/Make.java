import java.io.File;
import java.io.FileOutputStream;
import java.util.Calendar;
import java.util.TimeZone;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.cos.COSString;
import org.apache.pdfbox.pdfwriter.compress.CompressParameters;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts;

/** What PDFBox writes: Make.java FOLDER. */
public final class Make {
    public static void main(String[] arguments) throws Exception {
        File out = new File(arguments[0]);
        for (boolean packed : new boolean[] {false, true}) {
            String name = packed ? "pdfbox-objstm" : "pdfbox";
            try (var document = new PDDocument()) {
                document.setDocumentId(7L);
                document.getDocumentInformation().setTitle("样本 (SAMPLE)");
                var page = new PDPage();
                document.addPage(page);
                try (var content = new PDPageContentStream(document, page)) {
                    content.beginText();
                    content.setFont(new PDType1Font(Standard14Fonts.FontName.HELVETICA), 20);
                    content.newLineAtOffset(72, 700);
                    content.showText("SAMPLE");
                    content.endText();
                }
                var how = packed ? new CompressParameters() : CompressParameters.NO_COMPRESSION;
                document.save(new File(out, name + ".pdf"), how);
            }
            try (var document = Loader.loadPDF(new File(out, name + ".pdf"))) {
                document.setDocumentId(8L);
                document.getDocumentCatalog().getCOSObject().setItem(COSName.getPDFName("Note"), new COSString("later"));
                document.getDocumentCatalog().getCOSObject().setNeedToBeUpdated(true);
                try (var to = new FileOutputStream(new File(out, name + "-incremental.pdf"))) {
                    document.saveIncremental(to);
                }
            }
        }
    }
}
