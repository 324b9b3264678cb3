//! What heads of a log are called that a copy must continue, in logs and for readers.

/// The one that the operator names.
pub(in crate::edge::cli) const NAMED: &str = "the earlier checkpoint";
/// That of the copy itself.
pub(in crate::edge::cli) const LAST: &str = "the checkpoint of the time before";
/// The one that a witness keeps.
pub(in crate::edge::cli) const SEEN: &str = "what this witness saw before";

pub(in crate::edge::cli) fn in_chinese(name: &str) -> &str {
    match name {
        NAMED => "先前的检查点",
        LAST => "上一次的检查点",
        SEEN => "本见证方先前所见的检查点",
        "the copy" => "副本的树头",
        other => other,
    }
}
