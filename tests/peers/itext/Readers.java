import com.itextpdf.kernel.pdf.PdfDocument;
import com.itextpdf.kernel.pdf.PdfReader;
import com.itextpdf.kernel.pdf.PdfWriter;
import com.itextpdf.kernel.pdf.StampingProperties;
import com.itextpdf.signatures.BouncyCastleDigest;
import com.itextpdf.signatures.PdfPKCS7;
import com.itextpdf.signatures.PdfSigner;
import com.itextpdf.signatures.PrivateKeySignature;
import com.itextpdf.signatures.SignatureUtil;
import com.itextpdf.signatures.SignerProperties;
import com.itextpdf.signatures.validation.SignatureValidationProperties;
import com.itextpdf.signatures.validation.SignatureValidator;
import com.itextpdf.signatures.validation.ValidatorChainBuilder;
import com.itextpdf.signatures.validation.report.ValidationReport;
import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.apache.pdfbox.Loader;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * `itext ROOT CERTS FILE…` and `pdfbox ROOT CERTS FILE…`, where the folder has what the office
 * publishes, and `sign KEY CHAIN IN OUT` with iText.
 */
public final class Readers {
    public static void main(String[] arguments) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        if (arguments[0].equals("sign")) {
            sign(arguments[1], arguments[2], arguments[3], arguments[4]);
            return;
        }
        X509Certificate root = certificates(arguments[1]).get(0);
        boolean good = true;
        for (int at = 3; at < arguments.length; at++) {
            String why;
            try {
                why = arguments[0].equals("itext") ? itext(root, Path.of(arguments[2]), arguments[at]) : pdfbox(root, Path.of(arguments[2]), arguments[at]);
            } catch (Exception error) {
                why = error.toString();
            }
            System.out.println(arguments[0] + " " + arguments[at] + (why == null ? " accepted" : " refused: " + why));
            good &= why == null;
        }
        System.exit(good ? 0 : 1);
    }

    /** The whole document as iText's own validator sees it: signature, path, lists, changes. */
    private static String itext(X509Certificate root, Path published, String file) throws Exception {
        try (var document = new PdfDocument(new PdfReader(file))) {
            var util = new SignatureUtil(document);
            List<String> names = util.getSignatureNames();
            if (names.size() != 1) {
                return names.size() + " signatures";
            }
            PdfPKCS7 message = util.readSignatureData(names.get(0));
            if (!message.verifySignatureIntegrityAndAuthenticity() || !util.signatureCoversWholeDocument(names.get(0))) {
                return "the signature does not hold, or not over the whole file";
            }
            var builder = new ValidatorChainBuilder().withTrustedCertificates(List.<Certificate>of(root));
            // It asks for the issuer and its lists at their addresses; nothing leaves the machine.
            builder.withResourceRetriever(() -> new com.itextpdf.styledxmlparser.resolver.resource.IResourceRetriever() {
                public java.io.InputStream getInputStreamByUrl(java.net.URL url) throws java.io.IOException {
                    return new ByteArrayInputStream(getByteArrayByUrl(url));
                }

                public byte[] getByteArrayByUrl(java.net.URL url) throws java.io.IOException {
                    String name = Path.of(url.getPath()).getFileName().toString().replace(".cer", ".pem");
                    return Files.readAllBytes(published.resolve(name));
                }
            });
            var lists = List.of(Files.readAllBytes(published.resolve("issuing.crl")), Files.readAllBytes(published.resolve("root.crl")));
            builder.withSignatureValidationProperties(new SignatureValidationProperties().addCrlClient((certificate, url) -> lists));
            SignatureValidator validator = builder.buildSignatureValidator(document);
            ValidationReport report = validator.validateSignatures();
            return report.getValidationResult() == ValidationReport.ValidationResult.VALID ? null : report.toString();
        }
    }

    /** PDFBox finds the parts, BouncyCastle checks the message, the JDK builds the path. */
    private static String pdfbox(X509Certificate root, Path published, String file) throws Exception {
        byte[] bytes = Files.readAllBytes(Path.of(file));
        try (var document = Loader.loadPDF(bytes)) {
            var signatures = document.getSignatureDictionaries();
            if (signatures.size() != 1) {
                return signatures.size() + " signatures";
            }
            var signature = signatures.get(0);
            int[] range = signature.getByteRange();
            if (range.length != 4 || range[0] != 0 || range[2] + range[3] != bytes.length) {
                return "not the whole file is signed";
            }
            var content = new CMSProcessableByteArray(signature.getSignedContent(bytes));
            var message = new CMSSignedData(content, signature.getContents(bytes));
            var signer = message.getSignerInfos().iterator().next();
            var converter = new JcaX509CertificateConverter();
            List<X509Certificate> certificates = new ArrayList<>();
            X509Certificate leaf = null;
            for (X509CertificateHolder holder : message.getCertificates().getMatches(null)) {
                X509Certificate one = converter.getCertificate(holder);
                certificates.add(one);
                leaf = signer.getSID().match(holder) ? one : leaf;
            }
            if (!signer.verify(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(leaf))) {
                return "the signature does not hold";
            }
            var selector = new X509CertSelector();
            selector.setCertificate(leaf);
            var parameters = new PKIXBuilderParameters(Set.of(new TrustAnchor(root, null)), selector);
            List<Object> known = new ArrayList<>(certificates);
            var factory = CertificateFactory.getInstance("X.509");
            for (String list : List.of("issuing.crl", "root.crl")) {
                try (var input = new FileInputStream(published.resolve(list).toFile())) {
                    known.add(factory.generateCRL(input));
                }
            }
            parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(known)));
            parameters.setRevocationEnabled(true);
            CertPathBuilder.getInstance("PKIX").build(parameters);
            return null;
        }
    }

    private static void sign(String key, String chain, String in, String out) throws Exception {
        PrivateKey signer = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pem(key)));
        var certificates = certificates(chain).toArray(new Certificate[0]);
        var pdf = new PdfSigner(new PdfReader(in), new FileOutputStream(out), new StampingProperties().useAppendMode());
        pdf.setSignerProperties(new SignerProperties().setFieldName("Signature"));
        var signature = new PrivateKeySignature(signer, "SHA-256", "BC");
        pdf.signDetached(new BouncyCastleDigest(), signature, certificates, null, null, null, 0, PdfSigner.CryptoStandard.CADES);
    }

    private static byte[] pem(String file) throws Exception {
        String body = Files.readString(Path.of(file)).replaceAll("-----[^-]+-----|\\s", "");
        return Base64.getDecoder().decode(body);
    }

    private static List<X509Certificate> certificates(String file) throws Exception {
        List<X509Certificate> read = new ArrayList<>();
        try (var input = new FileInputStream(file)) {
            for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(input)) {
                read.add((X509Certificate) one);
            }
        }
        return read;
    }
}
