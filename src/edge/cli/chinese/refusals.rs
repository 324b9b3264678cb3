//! What is wrong with a command line, in Chinese: from clap's kinds of errors and what they name.

use std::error::Error;
use std::net::AddrParseError;
use std::num::ParseIntError;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::help::usage_in_chinese;
use crate::base::localized::Localized;
use crate::edge::cli::failure::BadValue;

/// Of several names that are near to what was typed, the nearest alone.
pub(in crate::edge::cli) fn keep_the_nearest(error: &mut clap::Error) {
    for kind in SUGGESTIONS {
        if let Some(ContextValue::Strings(all)) = error.get(kind)
            && let Some(nearest) = all.last().cloned()
        {
            error.insert(kind, ContextValue::Strings(vec![nearest]));
        }
    }
}

/// clap's own words, but for what the standard library says of a value.
pub(in crate::edge::cli) fn in_english(error: &clap::Error) -> String {
    let said = error.to_string();
    let Some(source) = error.source() else { return said };
    let why = source.to_string();
    said.replacen(&why, &of_value(source).map_or_else(|| why.clone(), |words| words.en), 1)
}

pub(super) fn in_chinese(error: &clap::Error) -> String {
    let named = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join("\n  "),
        Some(ContextValue::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let (arg, value) = (named(ContextKind::InvalidArg), named(ContextKind::InvalidValue));
    let wrong = match error.kind() {
        ErrorKind::UnknownArgument => format!("没有参数 '{arg}'"),
        ErrorKind::InvalidSubcommand => {
            format!("没有命令 '{}'", named(ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingRequiredArgument => format!("缺少必需的参数：\n  {arg}"),
        ErrorKind::MissingSubcommand => {
            format!("'{}' 之后须写明命令", named(ContextKind::InvalidSubcommand))
        }
        ErrorKind::ArgumentConflict => match named(ContextKind::PriorArg) {
            prior if prior == arg => format!("参数 '{arg}' 只能写一次"),
            prior => format!("参数 '{arg}' 不能与下列参数同时使用：\n  {prior}"),
        },
        ErrorKind::InvalidValue if value.is_empty() => format!("参数 '{arg}' 须写明取值"),
        ErrorKind::InvalidValue => format!("参数 '{arg}' 的取值 '{value}' 不正确"),
        ErrorKind::ValueValidation => {
            format!("参数 '{arg}' 的取值 '{value}' 不正确：{}", why(error))
        }
        ErrorKind::TooManyValues => format!("参数 '{arg}' 多了取值 '{value}'"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("参数 '{arg}' 的取值个数不对")
        }
        ErrorKind::NoEquals => format!("参数 '{arg}' 与取值之间须写等号"),
        ErrorKind::InvalidUtf8 => "命令行中有不是 UTF-8 的文字".to_owned(),
        _ => error.to_string(),
    };
    let mut parts = vec![format!("错误：{wrong}")];
    for (kind, words) in
        [(ContextKind::ValidValue, "可选的取值"), (ContextKind::ValidSubcommand, "可选的命令")]
    {
        if let Some(ContextValue::Strings(values)) = error.get(kind)
            && !values.is_empty()
        {
            parts.push(format!("\n  [{words}：{}]", values.join("、")));
        }
    }
    for kind in SUGGESTIONS {
        match error.get(kind) {
            Some(ContextValue::String(one)) => {
                parts.push(format!("\n\n  提示：是否要写 '{one}'？"));
            }
            Some(ContextValue::Strings(all)) if !all.is_empty() => {
                parts.push(format!("\n\n  提示：是否要写 '{}'？", all.join("'、'")));
            }
            _ => {}
        }
    }
    // clap words it itself; only this one is of use without its English.
    if let Some(ContextValue::StyledStrs(tips)) = error.get(ContextKind::Suggested)
        && tips.iter().any(|tip| tip.to_string().starts_with("to pass "))
    {
        parts.push(format!("\n\n  提示：若 '{arg}' 是取值，请写 '-- {arg}'"));
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        parts.push(format!("\n\n用法：{}", usage_in_chinese(&usage.to_string())));
    }
    parts.push("\n\n详细说明见 '--help'。\n".to_owned());
    parts.concat()
}

/// What the reader of a value says.
fn why(error: &clap::Error) -> String {
    let Some(source) = error.source() else { return String::new() };
    of_value(source).map_or_else(|| source.to_string(), |words| words.zh)
}

fn of_value(source: &(dyn Error + 'static)) -> Option<Localized> {
    if let Some(BadValue(words)) = source.downcast_ref() {
        Some(words.clone())
    } else if source.is::<ParseIntError>() {
        Some(Localized::new("须为不小于零的整数", "write a whole number, 0 or more"))
    } else if source.is::<AddrParseError>() {
        Some(Localized::new(
            "须为 IP 地址，服务地址还须带端口，例如 127.0.0.1:8080",
            "write an IP address, one to serve on with its port, such as 127.0.0.1:8080",
        ))
    } else {
        None
    }
}

const SUGGESTIONS: [ContextKind; 3] =
    [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
