//! XMP metadata (ISO 16684-1) with the PDF/A identification and the schema of our own properties.

use crate::base::digest::Digest;
use crate::format::pdf::LICENCE_NAMESPACE;

/// The values of the XMP packet and the information dictionary.
#[derive(Clone, Debug)]
pub struct Metadata {
    /// Title of the document.
    pub title: String,
    /// `2026-11-24T15:20:11+08:00`.
    pub created: String,
    /// 证照标识 of the licence.
    pub id: String,
    /// 证照版本号, three digits.
    pub version: String,
    /// SHA-256 of the attached credential.
    pub credential: Digest,
}

/// Name of the program in Info and XMP.
pub(super) const PRODUCER: &str = "Yinzheng 0.1";

impl Metadata {
    /// The packet. It is not padded: a sealed file is never edited in place.
    pub(super) fn to_xmp(&self) -> String {
        let property = |name: &str, text: &str| {
            format!(
                "<rdf:li><rdf:Description pdfaProperty:name=\"{name}\" \
                 pdfaProperty:valueType=\"Text\" pdfaProperty:category=\"external\" \
                 pdfaProperty:description=\"{text}\"/></rdf:li>"
            )
        };
        let properties = [
            property("id", "Identifier of the licence (GB/T 36904)"),
            property("version", "Version of the licence"),
            property("credentialSha256", "SHA-256 of the attached credential, hexadecimal"),
        ]
        .concat();
        let (title, id, version) = (escape(&self.title), escape(&self.id), escape(&self.version));
        let (created, credential) = (&self.created, self.credential);
        format!(
            "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n\
<rdf:Description rdf:about=\"\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\" xmlns:yz=\"{LICENCE_NAMESPACE}\" pdfaid:part=\"3\" pdfaid:conformance=\"A\" dc:format=\"application/pdf\" xmp:CreateDate=\"{created}\" xmp:ModifyDate=\"{created}\" pdf:Producer=\"{PRODUCER}\">\n\
<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{title}</rdf:li></rdf:Alt></dc:title>\n\
<yz:id>{id}</yz:id><yz:version>{version}</yz:version><yz:credentialSha256>{credential}</yz:credentialSha256>\n\
</rdf:Description>\n\
<rdf:Description rdf:about=\"\" xmlns:pdfaExtension=\"http://www.aiim.org/pdfa/ns/extension/\" xmlns:pdfaSchema=\"http://www.aiim.org/pdfa/ns/schema#\" xmlns:pdfaProperty=\"http://www.aiim.org/pdfa/ns/property#\">\n\
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType=\"Resource\"><pdfaSchema:schema>Licence</pdfaSchema:schema><pdfaSchema:namespaceURI>{LICENCE_NAMESPACE}</pdfaSchema:namespaceURI><pdfaSchema:prefix>yz</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>{properties}</rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>\n\
</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>"
        )
    }
}

/// Escapes text for an XML element.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
