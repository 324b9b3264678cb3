import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.diagnostic.jaxb.XmlObjectModification;
import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.pades.validation.PDFDocumentValidator;
import eu.europa.esig.dss.pdf.modifications.DefaultPdfDifferencesFinder;
import eu.europa.esig.dss.pdf.pdfbox.PdfBoxNativeObjectFactory;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** EU DSS over many files: reads jobs as JSON, writes one line of JSON for each, in their order. */
final class Oracle {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final String strict = policy();
    // Missing revocation data is told and not held against the signature, as with the other judges.
    private final String lenient = strict.replaceAll(
            "<(RevocationDataAvailable|AcceptableRevocationDataFound) Level=\"FAIL\" */>", "<$1 Level=\"INFORM\" />");

    private Oracle() throws Exception {}

    static void run(String jobs, long secondsEach) throws Exception {
        var oracle = new Oracle();
        // A thread that hangs is left behind; the process ends with exit().
        var threads = Executors.newCachedThreadPool(work -> {
            var thread = new Thread(work);
            thread.setDaemon(true);
            return thread;
        });
        var slots = new java.util.concurrent.Semaphore(2);
        var pending = new ArrayList<Map.Entry<JsonNode, Future<Map<String, Object>>>>();
        for (JsonNode job : JSON.readTree(new File(jobs))) {
            pending.add(Map.entry(job, threads.submit(() -> {
                slots.acquire();
                var inner = threads.submit(() -> oracle.judge(job));
                try {
                    return inner.get(secondsEach, TimeUnit.SECONDS);
                } catch (TimeoutException late) {
                    return Map.of("outcome", "hang", "saw", List.of());
                } catch (ExecutionException broken) {
                    return Map.of("outcome", "error", "saw", List.of(String.valueOf(broken.getCause())));
                } finally {
                    slots.release();
                }
            })));
        }
        for (var entry : pending) {
            var line = new java.util.LinkedHashMap<String, Object>();
            line.put("file", entry.getKey().get("file").asText());
            line.putAll(entry.getValue().get());
            System.out.println(JSON.writeValueAsString(line));
        }
    }

    private Map<String, Object> judge(JsonNode job) throws Exception {
        var trusted = new CommonTrustedCertificateSource();
        trusted.addCertificate(DSSUtils.loadCertificate(new File(job.get("trust").asText())));
        var verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(trusted);
        verifier.setAIASource(null);
        var lists = new ArrayList<InputStream>();
        for (JsonNode list : job.get("crl")) {
            lists.add(new FileInputStream(list.asText()));
        }
        verifier.setCrlSource(new ExternalResourcesCRLSource(lists.toArray(new InputStream[0])));
        var validator = new PDFDocumentValidator(new FileDocument(job.get("file").asText()));
        validator.setCertificateVerifier(verifier);
        // Drawing both revisions of a page takes most of the time, and is only warned of.
        var differences = new DefaultPdfDifferencesFinder();
        differences.setMaximalPagesAmountForVisualComparison(0);
        var factory = new PdfBoxNativeObjectFactory();
        factory.setPdfDifferencesFinder(differences);
        validator.setPdfObjFactory(factory);
        validator.setValidationTime(Date.from(Instant.parse(job.get("at").asText())));
        String policy = job.get("require_revocation").asBoolean() ? strict : lenient;
        var reports = validator.validateDocument(new ByteArrayInputStream(policy.getBytes(StandardCharsets.UTF_8)));
        SimpleReport simple = reports.getSimpleReport();
        var saw = new TreeSet<String>();
        boolean accepted = true;
        boolean warned = false;
        for (String id : simple.getSignatureIdList()) {
            accepted &= simple.getIndication(id) == Indication.TOTAL_PASSED;
            told(saw, "error", simple.getAdESValidationErrors(id));
            told(saw, "warning", simple.getAdESValidationWarnings(id));
            warned |= simple.getAdESValidationWarnings(id).stream().anyMatch(Oracle::telling);
            if (simple.getSubIndication(id) != null) {
                saw.add(simple.getSubIndication(id).toString());
            }
        }
        for (SignatureWrapper signature : reports.getDiagnosticData().getSignatures()) {
            var revision = signature.getPDFRevision();
            if (revision != null) {
                changed(saw, "undefined", revision.getPdfUndefinedChanges());
                changed(saw, "annotation", revision.getPdfAnnotationChanges());
            }
        }
        for (String id : simple.getTimestampIdList()) {
            accepted &= simple.getIndication(id) == Indication.PASSED;
        }
        boolean none = simple.getSignatureIdList().isEmpty() && simple.getTimestampIdList().isEmpty();
        String outcome = none ? "none" : !accepted ? "refuses" : warned ? "warns" : "accepts";
        return Map.of("outcome", outcome, "saw", saw);
    }

    private static void told(TreeSet<String> saw, String kind, List<Message> messages) {
        messages.stream().filter(Oracle::telling).forEach(message -> saw.add(kind + ": " + message.getValue()));
    }

    /** Addresses to fetch from no file has; whether the issuer of a list is asked about differs by run. */
    private static boolean telling(Message message) {
        return !message.getValue().endsWith("info access is not present!")
                && !message.getValue().startsWith("No revocation data found for the revocation issuer");
    }

    private static void changed(TreeSet<String> saw, String kind, List<XmlObjectModification> changes) {
        changes.forEach(change -> saw.add("change, " + kind + ": " + change.getAction() + " " + change.getValue()));
    }

    private static String policy() throws Exception {
        try (var stream = Oracle.class.getResourceAsStream("/policy/constraint.xml")) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
