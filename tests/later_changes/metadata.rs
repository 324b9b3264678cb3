//! Metadata that is rewritten after a certification.

use super::saving::Called::{Altered, Valid};
use super::saving::{Base, Written, stream};

const XMLNS: &str = "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"";
const DC: &str = "xmlns:dc=\"http://purl.org/dc/elements/1.1/\"";
const XMP: &str = "xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\"";

fn packet(description: &str) -> String {
    format!(
        "<?xpacket begin=\"\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?><x:xmpmeta \
         xmlns:x=\"adobe:ns:meta/\" x:xmptk=\"program 2\"><rdf:RDF {XMLNS}>{description}</rdf:RDF>\
         </x:xmpmeta>\n<?xpacket end=\"w\"?>"
    )
}

fn described(attributes: &str, title: &str) -> String {
    packet(&format!(
        "<rdf:Description rdf:about=\"\" {DC} {XMP} {attributes}><dc:title><rdf:Alt>\
         <rdf:li xml:lang=\"x-default\">{title}</rdf:li></rdf:Alt></dc:title></rdf:Description>"
    ))
}

fn written(packet: &str) -> Vec<Written> {
    vec![(31, stream("/Type/Metadata/Subtype/XML", packet))]
}

#[test]
fn notes_of_saving_are_all_that_may_change() {
    let title = "Loan of 1000";
    let same = described("xmp:ModifyDate=\"2026-06-02T00:00:00Z\"", title);
    let said = |title: &str| written(&described("", title));
    let fine = [
        ("a date", written(&same)),
        ("no date", said(title)),
        ("another prefix", written(&same.replace("xmp:", "n:").replace("xmlns:xmp", "xmlns:n"))),
        (
            "another prefix of the title",
            written(&same.replace("dc:", "n:").replace("xmlns:dc", "xmlns:n")),
        ),
        (
            "a date as an element",
            written(
                &same.replace("<dc:title>", "\n<xmp:MetadataDate>2</xmp:MetadataDate>\n<dc:title>"),
            ),
        ),
        (
            "two descriptions",
            written(&same.replace(
                "</rdf:RDF>",
                &format!(
                    "<rdf:Description rdf:about=\"\" {XMP} xmp:MetadataDate=\"2\"/></rdf:RDF>"
                ),
            )),
        ),
        (
            "padded",
            written(
                &same.replace("<?xpacket end", &format!("{}\n<?xpacket end", " ".repeat(2000))),
            ),
        ),
    ];
    let other = [
        ("another title", said("Loan of 9000")),
        ("a note in the title", said("Loan of 1000 xmp:ModifyDate=\"000, paid\"")),
        ("a note in the title, escaped", said("Loan of 1000&lt;xmp:ModifyDate&gt;000&lt;/xmp:ModifyDate&gt;")),
        ("an element in the title", said("Loan of 1000<xmp:ModifyDate>000</xmp:ModifyDate>")),
        ("raw text", said("Loan of 1000<![CDATA[<xmp:ModifyDate>000</xmp:ModifyDate>]]>")),
        ("a comment", said("Loan of 1000<!-- xmp:ModifyDate=\"000\" -->")),
        ("a comment beside", written(&same.replace("<dc:title>", "<!-- paid --><dc:title>"))),
        ("an instruction", said("Loan of 1000<?pdf:Producer 000?>")),
        ("an entity", written(&same.replace("<?xpacket begin", "<!DOCTYPE x [<!ENTITY a \"000\">]><?xpacket begin").replace("1000", "1000&a;"))),
        ("a document type", written(&format!("<!DOCTYPE x>{same}"))),
        ("another vocabulary", written(&same.replace("http://ns.adobe.com/xap/1.0/", "urn:other"))),
        ("a date that is none", written(&described("xmp:ModifyDate=\"paid in full\"", title))),
        ("a date that says something", written(&same.replace("<dc:title>", "<xmp:CreateDate>paid</xmp:CreateDate><dc:title>"))),
        ("a date with more in it", written(&same.replace("<dc:title>", "<xmp:MetadataDate><rdf:Alt><rdf:li>paid</rdf:li></rdf:Alt></xmp:MetadataDate><dc:title>"))),
        ("a date deeper down", written(&same.replace("<rdf:li xml:lang=\"x-default\">", "<rdf:li xml:lang=\"x-default\" xmp:ModifyDate=\"paid\">"))),
        ("a date on the frame", written(&same.replace("<rdf:RDF", &format!("<rdf:RDF {XMP} xmp:ModifyDate=\"paid\"")))),
        ("a second title", written(&same.replace("</rdf:RDF>", &format!("<rdf:Description rdf:about=\"\" {DC}><dc:title>paid</dc:title></rdf:Description></rdf:RDF>")))),
        ("about something else", written(&same.replace("rdf:about=\"\"", "rdf:about=\"urn:other\""))),
        ("text behind the packet", written(&format!("{same}paid"))),
        ("a second packet", written(&format!("{same}{}", described("", "paid")))),
        ("another language", written(&same.replace("x-default", "en"))),
        ("white space in the title", said(" Loan of  1000")),
        ("no packet", written("paid")),
        ("not well formed", written(&same.replace("</dc:title>", ""))),
        ("a stream with a file", vec![(31, stream("/Type/Metadata/Subtype/XML/AF[5 0 R]", &same))]),
    ];
    let fine = fine.into_iter().map(|(name, objects)| (name, Valid, objects));
    let other = other.into_iter().map(|(name, objects)| (name, Altered, objects));
    Base::read("described-p2.pdf").judge(&fine.chain(other).collect::<Vec<_>>());
}
