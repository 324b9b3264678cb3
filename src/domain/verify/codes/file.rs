//! What is said of a file: what it shows and hides, and what came after its seal.

use super::Code;

pub(crate) const NOT_SIGNED: Code =
    Code("not_signed", "文件里没有电子签章", "There is no electronic seal in the file");

pub(crate) const UNREADABLE: Code = Code("unreadable", "文件无法读取", "The file cannot be read");

pub(crate) const CHANGED_AFTER_SEAL: Code = Code(
    "changed_after_seal",
    "盖章之后文件被追加或修改",
    "The file was added to or changed after sealing",
);

/// What of a file was changed after sealing, for the words of the finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Changed {
    Page,
    Field,
    Annotation,
    SignatureField,
    Metadata,
    Evidence,
    Content,
    Structure,
    Hidden,
}

impl Changed {
    /// One finding whatever it was, in other words.
    pub(crate) const fn code(self) -> Code {
        let (zh, en) = match self {
            Self::Page => {
                ("盖章之后页面内容被改动", "The content of a page was changed after sealing")
            }
            Self::Field => (
                "盖章之后表单域被改动，而签名不允许，或显示的与填写的不一致",
                "A form field was changed after sealing though it may not be, or shows something else than it holds",
            ),
            Self::Annotation => (
                "盖章之后页面上加了或改了批注，而签名不允许",
                "A comment was added or changed after sealing, which the signature does not permit",
            ),
            Self::SignatureField => (
                "盖章之后加入的签名域不只是签名",
                "A signature field that was added after sealing does more than sign",
            ),
            Self::Metadata => (
                "盖章之后文件的标题、作者等信息被改动",
                "The title, author or other metadata were changed after sealing",
            ),
            Self::Evidence => (
                "盖章之后写入的验证资料里有别的内容",
                "Something else than evidence was put beside the signature after sealing",
            ),
            Self::Content => {
                ("盖章之后文件内容被改动", "The content of the file was changed after sealing")
            }
            Self::Structure => (
                "盖章之后文件的结构被改动，不同软件显示的内容可能不同",
                "The structure of the file was changed after sealing: programs may show it differently",
            ),
            Self::Hidden => (
                "盖章之后加入了不显示的内容",
                "Something that is not shown was added after sealing",
            ),
        };
        Code(CHANGED_AFTER_SEAL.0, zh, en)
    }
}

pub(crate) const BYTES_BEHIND: Code = Code(
    "bytes_behind",
    "文件末尾之后还有内容，不属于任何一次保存",
    "Something stands behind the end of the file that belongs to no saving of it",
);

pub(crate) const LATER_SIGNATURE_PAINTS: Code = Code(
    "later_signature_paints",
    "后来的签名在页面上画了图形，可能遮住内容",
    "A later signature paints on a page and may cover content",
);

pub(crate) const FIELD_LOOK_UNKNOWN: Code = Code(
    "field_look_unknown",
    "盖章后填写了表单项，或改了它的样子，但无法确认它显示的就是它的值",
    "A form field was filled in or given another look after sealing; whether it shows its value could not be told",
);

pub(crate) const IDENTIFIER_CHANGED: Code = Code(
    "identifier_changed",
    "签名之后文件标识（/ID）换成了另一个；页面上不显示它",
    "The file identifier (/ID) was replaced after signing; no page shows it",
);

pub(crate) const HIDDEN_LAYERS: Code = Code(
    "hidden_layers",
    "文件里有默认不显示的图层",
    "The document has layers that are not shown by default",
);

pub(crate) const ANNOTATION_PAINTS: Code = Code(
    "annotation_paints",
    "文件里有批注画在页面上，可能遮住内容",
    "An annotation paints on a page and may cover content",
);

pub(crate) const ACTIVE_CONTENT: Code = Code(
    "active_content",
    "文件里有会自动执行的动作",
    "The document contains actions that do something by themselves",
);

pub(crate) const UNLISTED_CONTENT: Code = Code(
    "unlisted_content",
    "文件里有未编入目录的内容，有的软件会把它当作文件的一部分",
    "The file holds what is in no list of objects; some programs would take it for a part of the document",
);

pub(crate) const UNREACHABLE_CONTENT: Code = Code(
    "unreachable_content",
    "文件里有任何页面都不显示的内容",
    "The document holds content that no page shows",
);

pub(crate) const NOT_SEARCHED: Code = Code(
    "not_searched",
    "文件太复杂，没有检查隐藏内容",
    "The document is too complex to be searched for hidden content",
);

pub(crate) const ARCHIVE_UNUSABLE: Code = Code(
    "archive_unusable",
    "文件里的部分归档证据无法读取，未使用",
    "Some of the archive material in the file cannot be read and was not used",
);

pub(crate) const FORM_FILLED: Code = Code(
    "form_filled",
    "签署之后填写了表单域（签名允许这样做）；详情是域名和现在的内容",
    "A field was filled in after signing, as the signature permits; the detail has its name and what it holds now",
);
