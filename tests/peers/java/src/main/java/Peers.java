import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import java.io.File;
import java.io.FileInputStream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;

/**
 * Two judges on the same machine: `verapdf FLAVOUR FILE…`, `dss ROOT CRLS FILE…` with lists joined
 * by commas, and `oracle JOBS.json SECONDS` for DSS over many files.
 */
public final class Peers {
    public static void main(String[] arguments) throws Exception {
        boolean good = true;
        if (arguments[0].equals("verapdf")) {
            VeraGreenfieldFoundryProvider.initialise();
            for (int at = 2; at < arguments.length; at++) {
                good &= verapdf(PDFAFlavour.fromString(arguments[1]), arguments[at]);
            }
        } else if (arguments[0].equals("oracle")) {
            Oracle.run(arguments[1], Long.parseLong(arguments[2]));
        } else {
            for (int at = 3; at < arguments.length; at++) {
                good &= dss(arguments[1], arguments[2], arguments[at]);
            }
        }
        System.exit(good ? 0 : 1);
    }

    private static boolean verapdf(PDFAFlavour flavour, String file) throws Exception {
        try (var input = new FileInputStream(file);
                var parser = Foundries.defaultInstance().createParser(input, flavour);
                var validator = Foundries.defaultInstance().createValidator(flavour, false)) {
            var result = validator.validate(parser);
            System.out.println("verapdf " + flavour + " " + result.isCompliant() + " " + file);
            for (TestAssertion fault : result.getTestAssertions()) {
                if (fault.getStatus() == TestAssertion.Status.FAILED) {
                    System.out.println("  " + fault.getRuleId() + " " + fault.getMessage() + " " + fault.getLocation());
                }
            }
            return result.isCompliant();
        }
    }

    private static boolean dss(String root, String crl, String file) throws Exception {
        var trusted = new CommonTrustedCertificateSource();
        trusted.addCertificate(DSSUtils.loadCertificate(new File(root)));
        var verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(trusted);
        verifier.setAIASource(null);
        var lists = new java.util.ArrayList<java.io.InputStream>();
        for (String path : crl.split(",")) {
            lists.add(new FileInputStream(path));
        }
        verifier.setCrlSource(new ExternalResourcesCRLSource(lists.toArray(new java.io.InputStream[0])));
        var validator = SignedDocumentValidator.fromDocument(new FileDocument(file));
        validator.setCertificateVerifier(verifier);
        var report = validator.validateDocument().getSimpleReport();
        String id = report.getFirstSignatureId();
        Indication indication = report.getIndication(id);
        System.out.println("dss " + indication + " " + report.getSubIndication(id) + " "
                + report.getSignatureFormat(id) + " " + file);
        report.getAdESValidationErrors(id).forEach(m -> System.out.println("  error " + m.getValue()));
        report.getAdESValidationWarnings(id).forEach(m -> System.out.println("  warning " + m.getValue()));
        return indication == Indication.TOTAL_PASSED;
    }
}
