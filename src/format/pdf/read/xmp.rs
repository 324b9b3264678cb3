//! The content of a metadata packet (ISO 32000-1, 14.3.2): XML, and the subset of RDF that XMP uses
//! (ISO 16684-1, 7).
//!
//! Two packets are equal when they have the same properties of the same resource. Prefixes, the
//! order of properties, white space between elements, attribute or element, `rdf:Description` or
//! `rdf:parseType` make no difference; the text of a value is compared exactly. A packet that
//! another reader could understand differently (a document type, an entity, a repeated property,
//! text between elements) is not read at all.

use std::collections::BTreeMap;
use std::sync::Arc;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion, escape};

use crate::base::limits::{Budget, OverBudget, Purse};

/// The name of an element or attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    /// The namespace's URI; none for an attribute without a prefix.
    namespace: Option<Arc<str>>,
    local: String,
}

/// The properties of a packet.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Packet {
    /// `rdf:about`: nearly always empty, which means the enclosing document.
    about: String,
    properties: BTreeMap<Name, Value>,
    comments: Vec<String>,
}

#[derive(Debug, PartialEq, Eq)]
enum Value {
    Text {
        language: Option<String>,
        text: String,
    },
    Resource(String),
    Struct(BTreeMap<Name, Self>),
    /// The type of array, and its items.
    Array(String, Vec<Self>),
}

/// An element with its attributes and content.
#[derive(Debug)]
struct Element {
    name: Name,
    attributes: BTreeMap<Name, String>,
    children: Vec<Self>,
    text: String,
    /// The prefixes whose scope ends with it.
    prefixes: Vec<String>,
}

impl Packet {
    /// Reads a packet in UTF-8. `None` when it is ambiguous, or larger than the limit.
    pub fn read(bytes: &[u8], budget: &mut Budget) -> Result<Option<Self>, OverBudget> {
        budget.pay(Purse::ReadBytes, bytes.len(), "bytes of objects")?;
        if bytes.len() > budget.metadata_bytes {
            return Ok(None);
        }
        let Ok(text) = std::str::from_utf8(bytes) else { return Ok(None) };
        let tree = Tree::read(text.strip_prefix('\u{FEFF}').unwrap_or(text), budget)?;
        Ok(tree.and_then(|(root, comments)| Self::of(root, comments)))
    }

    /// The value of a property that is a plain text.
    pub fn text(&self, namespace: &str, local: &str) -> Option<&str> {
        let name = Name { namespace: Some(namespace.into()), local: local.to_owned() };
        match self.properties.get(&name) {
            Some(Value::Text { text, .. }) => Some(text),
            _ => None,
        }
    }

    /// Removes a property whose value is plain text that passes `kind`.
    pub fn forget(&mut self, namespace: &str, local: &str, kind: fn(&str) -> bool) {
        let name = Name { namespace: Some(namespace.into()), local: local.to_owned() };
        if let Some(Value::Text { language: None, text }) = self.properties.get(&name)
            && kind(text)
        {
            self.properties.remove(&name);
        }
    }

    fn of(root: Element, comments: Vec<String>) -> Option<Self> {
        // The outer element only names the program that wrote the packet.
        let rdf = if root.name.is(ADOBE, "xmpmeta") || root.name.is(ADOBE, "xapmeta") {
            let only_toolkit = root.attributes.keys().all(|name| name.is(ADOBE, "xmptk"));
            let [rdf] = <[Element; 1]>::try_from(root.elements().filter(|_| only_toolkit)?).ok()?;
            rdf
        } else {
            root
        };
        if !rdf.name.is(RDF, "RDF") || !rdf.attributes.is_empty() {
            return None;
        }
        let mut packet = Self { comments, ..Self::default() };
        for (index, description) in rdf.elements()?.into_iter().enumerate() {
            let (about, properties) = description.node()?;
            if index > 0 && about != packet.about {
                return None;
            }
            packet.about = about;
            for (name, value) in properties {
                if packet.properties.insert(name, value).is_some() {
                    return None;
                }
            }
        }
        Some(packet)
    }
}

impl Name {
    fn is(&self, namespace: &str, local: &str) -> bool {
        self.namespace.as_deref() == Some(namespace) && self.local == local
    }

    fn within(&self, namespace: &str) -> bool {
        self.namespace.as_deref() == Some(namespace)
    }
}

impl Element {
    /// The child elements, when there is only white space between them.
    fn elements(self) -> Option<Vec<Self>> {
        is_blank(&self.text).then_some(self.children)
    }

    /// A description: what it is about, and its properties.
    fn node(mut self) -> Option<(String, BTreeMap<Name, Value>)> {
        if !self.name.is(RDF, "Description") {
            return None;
        }
        let about = self.take(RDF, "about").unwrap_or_default();
        let mut properties = plain(std::mem::take(&mut self.attributes))?;
        for child in self.elements()? {
            if properties.insert(child.name.clone(), child.property()?).is_some() {
                return None;
            }
        }
        Some((about, properties))
    }

    /// The value of a property.
    fn property(mut self) -> Option<Value> {
        let language = self.take(XML, "lang");
        if let Some(kind) = self.take(RDF, "parseType") {
            let bare = kind == "Resource" && language.is_none() && self.attributes.is_empty();
            let name = Name { namespace: Some(RDF.into()), local: "Description".to_owned() };
            let (_, properties) = bare.then_some(Self { name, ..self })?.node()?;
            return Some(Value::Struct(properties));
        }
        if let Some(resource) = self.take(RDF, "resource") {
            let bare = language.is_none() && self.attributes.is_empty() && self.children.is_empty();
            return (bare && is_blank(&self.text)).then_some(Value::Resource(resource));
        }
        if self.children.is_empty() && self.attributes.is_empty() {
            return Some(Value::Text { language, text: self.text });
        }
        if language.is_some() {
            return None;
        }
        if self.children.is_empty() {
            let properties = is_blank(&self.text).then(|| plain(self.attributes))??;
            return Some(Value::Struct(properties));
        }
        let [inner] = <[Self; 1]>::try_from(self.elements_of_plain()?).ok()?;
        if inner.name.is(RDF, "Description") {
            let (about, properties) = inner.node()?;
            return about.is_empty().then_some(Value::Struct(properties));
        }
        let kind = inner.name.local.clone();
        let array = inner.name.within(RDF) && ["Bag", "Seq", "Alt"].contains(&kind.as_str());
        let items = array.then(|| inner.elements_of_plain())??.into_iter();
        let items = items.map(|item| item.name.is(RDF, "li").then(|| item.property())?);
        Some(Value::Array(kind, items.collect::<Option<_>>()?))
    }

    /// The child elements, when the element has no attributes.
    fn elements_of_plain(self) -> Option<Vec<Self>> {
        self.attributes.is_empty().then(|| self.elements())?
    }

    fn take(&mut self, namespace: &str, local: &str) -> Option<String> {
        let name = Name { namespace: Some(namespace.into()), local: local.to_owned() };
        self.attributes.remove(&name)
    }
}

/// Properties that are written as attributes.
fn plain(attributes: BTreeMap<Name, String>) -> Option<BTreeMap<Name, Value>> {
    let property = |(name, text): (Name, String)| {
        let own = name.namespace.is_some() && !name.within(RDF) && !name.within(XML);
        own.then_some((name, Value::Text { language: None, text }))
    };
    attributes.into_iter().map(property).collect()
}

fn is_blank(text: &str) -> bool {
    text.chars().all(|character| matches!(character, ' ' | '\t' | '\r' | '\n'))
}

/// The tree while it is read.
#[derive(Debug, Default)]
struct Tree {
    open: Vec<Element>,
    root: Option<Element>,
    comments: Vec<String>,
    /// What each prefix means, the innermost last.
    prefixes: BTreeMap<String, Vec<Arc<str>>>,
}

impl Tree {
    fn read(text: &str, budget: &mut Budget) -> Result<Option<(Element, Vec<String>)>, OverBudget> {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        reader.config_mut().check_comments = true;
        let mut tree = Self::default();
        loop {
            let Ok(event) = reader.read_event() else { return Ok(None) };
            budget.pay(Purse::Steps, 1, "metadata")?;
            let understood = match event {
                Event::Start(start) => {
                    if tree.open.len() >= budget.depth {
                        return Ok(None);
                    }
                    // An element costs about four times as much as a value.
                    budget.pay(Purse::Steps, ELEMENT, "metadata")?;
                    tree.start(&start, budget)?
                }
                Event::End(_) => tree.end(),
                Event::Text(text) => tree.text(&text.xml10_content()),
                Event::CData(text) if !tree.open.is_empty() => tree.text(&text.xml10_content()),
                Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                    Ok(Some(character)) => tree.text(character.encode_utf8(&mut [0; 4])),
                    Ok(None) => escape::resolve_predefined_entity(&reference)
                        .and_then(|text| tree.text(text)),
                    Err(_) => None,
                },
                Event::Comment(text) => {
                    tree.comments.push(text.xml10_content().into_owned());
                    Some(())
                }
                Event::PI(instruction) => {
                    let known = ["xpacket", "adobe-xap-filters"].contains(&instruction.target());
                    (known && tree.open.is_empty()).then_some(())
                }
                Event::Decl(declaration) => {
                    let encoding = declaration.encoding().transpose();
                    let utf8 = encoding.is_ok_and(|encoding| {
                        encoding.is_none_or(|encoding| encoding.eq_ignore_ascii_case("utf-8"))
                    });
                    (utf8 && tree.root.is_none() && tree.open.is_empty()).then_some(())
                }
                Event::Eof => {
                    let done = tree.open.is_empty().then_some(tree.root).flatten();
                    return Ok(done.map(|root| (root, tree.comments)));
                }
                Event::CData(_) | Event::DocType(_) | Event::Empty(_) => None,
            };
            if understood.is_none() {
                return Ok(None);
            }
        }
    }

    fn text(&mut self, text: &str) -> Option<()> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if is_blank(text) => {}
            None => return None,
        }
        Some(())
    }

    fn start(
        &mut self,
        start: &BytesStart<'_>,
        budget: &mut Budget,
    ) -> Result<Option<()>, OverBudget> {
        let mut written = Vec::new();
        let mut prefixes = Vec::new();
        // The XML reader's own check is quadratic.
        for attribute in start.attributes().with_checks(false) {
            budget.pay(Purse::Steps, ATTRIBUTE, "metadata")?;
            let Ok(attribute) = attribute else { return Ok(None) };
            let Ok(value) = attribute.normalized_value(XmlVersion::Implicit1_0) else {
                return Ok(None);
            };
            let name = AsRef::<str>::as_ref(&attribute.key).to_owned();
            match name.strip_prefix("xmlns:") {
                Some(prefix) => prefixes.push((prefix.to_owned(), value.into_owned())),
                None if name == "xmlns" => prefixes.push((String::new(), value.into_owned())),
                None => written.push((name, value.into_owned())),
            }
        }
        let declared = self.declare(prefixes);
        Ok(declared.and_then(|prefixes| self.open(start, prefixes, written)))
    }

    /// Adds prefixes to the scope; returns their names. A repeated prefix is refused.
    fn declare(&mut self, declared: Vec<(String, String)>) -> Option<Vec<String>> {
        let declared_count = declared.len();
        let declared: BTreeMap<_, _> = declared.into_iter().collect();
        let usual = |prefix: &str, uri: &str| {
            (1..=LONGEST_URI).contains(&uri.len()) && prefix != "xml" && prefix != "xmlns"
        };
        let fine = declared.len() == declared_count
            && declared.iter().all(|(prefix, uri)| usual(prefix, uri));
        for (prefix, uri) in declared.iter().filter(|_| fine) {
            self.prefixes.entry(prefix.clone()).or_default().push(uri.as_str().into());
        }
        fine.then(|| declared.into_keys().collect())
    }

    fn open(
        &mut self,
        start: &BytesStart<'_>,
        prefixes: Vec<String>,
        written: Vec<(String, String)>,
    ) -> Option<()> {
        if self.root.is_some() {
            return None;
        }
        let name = self.resolve(AsRef::<str>::as_ref(&start.name()), true)?;
        let mut attributes = BTreeMap::new();
        for (name, value) in written {
            if attributes.insert(self.resolve(&name, false)?, value).is_some() {
                return None;
            }
        }
        let (children, text) = (Vec::new(), String::new());
        self.open.push(Element { name, attributes, children, text, prefixes });
        Some(())
    }

    fn end(&mut self) -> Option<()> {
        let element = self.open.pop()?;
        for prefix in &element.prefixes {
            self.prefixes.get_mut(prefix)?.pop()?;
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Some(())
    }

    /// The expanded name. The default namespace applies to elements only.
    fn resolve(&self, name: &str, is_element: bool) -> Option<Name> {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let namespace = match prefix {
            "xml" => Some(XML.into()),
            "" if !is_element => None,
            _ => Some(Arc::clone(self.prefixes.get(prefix)?.last()?)),
        };
        let plain = !local.is_empty() && !local.contains(':');
        plain.then(|| Name { namespace, local: local.to_owned() })
    }
}

const ADOBE: &str = "adobe:ns:meta/";
const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// Namespaces in use have 60 characters; each comparison of names includes them.
const LONGEST_URI: usize = 255;
/// Steps for an element or attribute, besides its text.
const ELEMENT: usize = 4;
const ATTRIBUTE: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    const XMLNS: &str = "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
        xmlns:dc=\"urn:dc\" xmlns:e=\"urn:e\"";

    fn read(inside: &str) -> Option<Packet> {
        let text = format!("<rdf:RDF {XMLNS}>{inside}</rdf:RDF>");
        Packet::read(text.as_bytes(), &mut Budget::default()).unwrap()
    }

    fn described(inside: &str) -> Option<Packet> {
        read(&format!("<rdf:Description rdf:about=''>{inside}</rdf:Description>"))
    }

    #[test]
    fn ways_of_writing_are_equal() {
        let element = described("<dc:a>x &amp; y</dc:a><dc:b>2</dc:b>").unwrap();
        for same in [
            "<rdf:Description dc:b='2' dc:a='x &#38; y'/>",
            "<rdf:Description dc:a='x &amp; y'/> <rdf:Description rdf:about=''><dc:b>2</dc:b>\n</rdf:Description>",
            "<rdf:Description xmlns:o='urn:dc' o:b=\"2\"><o:a>x <![CDATA[&]]> y</o:a></rdf:Description>",
        ] {
            assert_eq!(read(same).as_ref(), Some(&element), "{same}");
        }
        let event = "<dc:h><rdf:Seq><rdf:li rdf:parseType='Resource'><e:a>1</e:a></rdf:li></rdf:Seq></dc:h>";
        let other = "<dc:h><rdf:Seq>\n<rdf:li><rdf:Description e:a='1'/></rdf:li></rdf:Seq></dc:h>";
        assert_eq!(described(event), described(other));
        assert!(described(event).is_some());
    }

    #[test]
    fn a_text_is_the_one_value_of_its_name() {
        let packet = described("<dc:a>1</dc:a><!-- <dc:b>2</dc:b> --><dc:c e:x='3'/>").unwrap();
        assert_eq!(packet.text("urn:dc", "a"), Some("1"));
        for (namespace, name) in [("urn:e", "a"), ("urn:dc", "b"), ("urn:dc", "c")] {
            assert_eq!(packet.text(namespace, name), None, "{name}");
        }
    }

    #[test]
    fn what_is_said_differs() {
        let title = |inside: &str| described(&format!("<dc:t>{inside}</dc:t>")).unwrap();
        let one = title("a");
        for other in ["b", " a", "a<!-- c -->", "<rdf:Alt><rdf:li>a</rdf:li></rdf:Alt>"] {
            assert_ne!(title(other), one, "{other}");
        }
        assert_ne!(described("<e:t>a</e:t>").unwrap(), one);
        assert_ne!(described("<dc:t xml:lang='x'>a</dc:t>").unwrap(), one);
        let about = read("<rdf:Description rdf:about='u'><dc:t>a</dc:t></rdf:Description>");
        assert_ne!(about.unwrap(), one);
    }

    #[test]
    fn what_could_be_read_otherwise_is_not_understood() {
        for inside in [
            "<dc:t>a</dc:t><dc:t>b</dc:t>",
            "<dc:t>a &b;</dc:t>",
            "text<dc:t>a</dc:t>",
            "<dc:t>a<?p q?></dc:t>",
            "<dc:t>a<dc:u/></dc:t>",
            "<x:t>a</x:t>",
            "<dc:t e:a='1' e:a='2'/>",
            "<dc:t xmlns:x='urn:e' x:a='1' e:a='2'/>",
            "<dc:t>a</dc:u>",
        ] {
            assert_eq!(described(inside), None, "{inside}");
        }
        let packet = |text: &str| Packet::read(text.as_bytes(), &mut Budget::default()).unwrap();
        let whole = format!("<rdf:RDF {XMLNS}/>");
        assert!(packet(&format!("<?xpacket begin=''?>{whole} \n<?xpacket end='w'?>")).is_some());
        assert_eq!(packet(&format!("<!DOCTYPE a>{whole}")), None);
        assert_eq!(packet(&format!("{whole}{whole}")), None);
        assert_eq!(packet(&format!("{whole}x")), None);
        let framed = |frame: &str| {
            packet(&format!("<x:xmpmeta xmlns:x='adobe:ns:meta/' {frame}>{whole}</x:xmpmeta>"))
        };
        assert!(framed("x:xmptk='program 1'").is_some());
        assert_eq!(framed("title='program 1'"), None);
        let mut budget = Budget::default();
        let wide: Vec<u8> = whole.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(Packet::read(&wide, &mut budget).unwrap(), None);
    }

    #[test]
    fn work_grows_with_the_packet() {
        let spent = |count: usize| {
            let all = "<dc:x/>".repeat(count);
            let mut budget = Budget::default();
            let text = format!("<rdf:RDF {XMLNS}><rdf:Description>{all}");
            assert_eq!(Packet::read(text.as_bytes(), &mut budget).unwrap(), None);
            Budget::default().steps - budget.steps
        };
        assert!(spent(4_000) <= 5 * spent(1_000));
        let open = "<dc:x>".repeat(100_000);
        let mut budget = Budget::default();
        assert_eq!(Packet::read(open.as_bytes(), &mut budget).unwrap(), None);
        assert!(Budget::default().steps - budget.steps < 10_000);
    }
}
