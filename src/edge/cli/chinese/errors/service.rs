//! Why an act was refused: licences, proposals, clients, grants, destinations.

use super::in_chinese;
use crate::base::localized::Bilingual;
use crate::domain::access::{BadClient, BadScope, NotPermitted};
use crate::domain::licence::proposal::NotPossible;
use crate::domain::licence::standing::NotAllowed;
use crate::domain::sharing::BadGrant;
use crate::domain::webhooks::{self, BadDestination, BadOverlap, StillTwo};
use crate::edge::cli::render::words;
use crate::service::access::RegistryError;
use crate::service::idempotency::KeyReused;
use crate::service::issue_command::IssueError;
use crate::service::sharing::{GrantError, SharingError};
use crate::service::standing::StandingError;
use crate::service::webhooks::{DestinationError, HookError, NotReplaced};

in_chinese! {
    KeyReused: |_| "这个幂等键先前已用于另一个请求",
    NotPermitted: |NotPermitted(verb, kind)| format!("需要权限 {}:{kind}", verb.name()),
    BadClient: |BadClient(words)| words.zh.clone(),
    BadGrant: |BadGrant(words)| words.zh.clone(),
    BadDestination: |BadDestination(words)| words.zh.clone(),
    BadOverlap: |_| "0 至 90 天；0 为立即终止旧密钥",
    BadScope: |one| format!(
        "{:?} 不是权限：写作 VERB:TYPE 或 VERB:*，动词为 issue、approve、read、change、query、feed、consent、audit \
         之一",
        one.text()
    ),
    NotAllowed: |one| {
        let is = words::of(one.from);
        if one.from == one.act {
            format!("证照已是“{is}”状态")
        } else {
            format!("证照现为“{is}”状态，不能这样更改")
        }
    },
    webhooks::NotAllowed: |one| format!("接收地址已是“{}”状态", words::of(one.0)),
    StillTwo: |StillTwo(ending)| format!(
        "之前的密钥 {} 与现用密钥一同签名至 {}；请等到那时，或用 --overlap 0 立即终止两者",
        ending.key,
        ending.until.to_china_minutes()
    ),
}

impl Bilingual for IssueError {
    fn chinese(&self) -> String {
        match self {
            Self::UnknownType(kind) => {
                format!("没有证照类型 {kind:?}；`yinzheng types --dir DIR` 列出全部类型")
            }
            Self::NoDepartment(kind) => {
                format!("本机构没有部门可以签发 {kind:?}；请在 office.toml 中把该类型写入某个部门")
            }
            Self::Faults(faults) => format!("申请有 {} 处错误", faults.len()),
            Self::NotPermitted(error) => error.chinese(),
            Self::NeedsSecond(kind) => format!(
                "{kind:?} 类证照须由第二人审批：请提交待批件，由具有 approve:{kind} 权限的接入系统批准"
            ),
            Self::Proposal(error) => error.chinese(),
            Self::TypeChanged => "证照类型的定义已更改，请修改待批件以重新检查".to_owned(),
            Self::KeyReused(error) => error.chinese(),
            Self::ClockWentBack { now, last } => format!(
                "时钟为 {now}，但最后一个事件在 {last}：不再签发。请校准时钟，或用 `yinzheng recover \
                 --accept-clock` 确认"
            ),
            Self::NumbersUsedUp(kind) => {
                format!("{kind:?} 的编号已用完；请给该类型更长的 {{serial:N}}")
            }
            Self::Sheet(error) => error.chinese(),
            Self::Key(error) => error.chinese(),
            Self::Sign(error) => error.chinese(),
            Self::Seal(error) => error.chinese(),
            Self::SelfCheck(_) => "文件未通过本机构自己的核验，没有签发".to_owned(),
            Self::Store(error) => error.chinese(),
        }
    }
}

impl Bilingual for StandingError {
    fn chinese(&self) -> String {
        match self {
            Self::NotFound(id) => format!("没有证照 {id}"),
            Self::Ambiguous(number) => {
                format!("有几类证照的编号都是 {number}，请写证照标识")
            }
            Self::NotAllowed(error) => error.chinese(),
            Self::NotPermitted(error) => error.chinese(),
            Self::KeyReused(error) => error.chinese(),
            Self::Store(error) => error.chinese(),
        }
    }
}

impl Bilingual for NotPossible {
    fn chinese(&self) -> String {
        match self {
            Self::Closed(state) => format!("待批件已办结：{}", words::of(state)),
            Self::OwnWork => "不能批准自己提交或最后修改的待批件，请由另一人批准".to_owned(),
            Self::Nameless => {
                "待批件是在本机未写明姓名提交的，无法确认批准人是另一人：请由接入系统批准，\
                               或退回后用 --as NAME 重新提交"
                    .to_owned()
            }
            Self::OtherDigest => "摘要与待批件现在的内容不符，请重新查看".to_owned(),
        }
    }
}

impl Bilingual for RegistryError {
    fn chinese(&self) -> String {
        match self {
            Self::Bad(error) => error.chinese(),
            Self::Known(name) => {
                format!("已登记名为 {name:?} 的接入系统；`yinzheng client rotate` 可换用新密钥")
            }
            Self::Unknown(name) => {
                format!("没有名为 {name:?} 的接入系统；`yinzheng client list` 列出全部")
            }
            Self::Store(error) => error.chinese(),
        }
    }
}

impl Bilingual for GrantError {
    fn chinese(&self) -> String {
        match self {
            Self::Bad(error) => error.chinese(),
            Self::NotFound(number) => {
                format!("没有授权 {number}；`yinzheng grant list` 列出全部授权")
            }
            Self::Withdrawn(number) => format!("授权 {number} 已经撤回"),
            Self::Store(error) => error.chinese(),
        }
    }
}

impl Bilingual for DestinationError {
    fn chinese(&self) -> String {
        match self {
            Self::Bad(error) => error.chinese(),
            Self::Client(error) => error.chinese(),
            Self::NoFeed(client) => {
                format!("接入系统 {client} 已停用或没有 feed 权限，没有可以发送的内容")
            }
            Self::Known(name) => {
                format!("已登记名为 {name:?} 的接收地址；请先删除它，或另用名称")
            }
            Self::Unknown(name) => {
                format!("没有名为 {name:?} 的接收地址；`yinzheng destination list` 列出全部")
            }
            Self::TooMany(most) => format!("一个机构至多有 {most} 个接收地址；请先删除一个"),
            Self::NotAllowed(error) => error.chinese(),
            Self::Key(error) => {
                format!("{}。第一把密钥在用密码启动机构时生成", error.chinese())
            }
            Self::Store(error) => error.chinese(),
        }
    }
}

impl Bilingual for NotReplaced {
    fn chinese(&self) -> String {
        match self {
            Self::StillTwo(error) => error.chinese(),
            Self::Old(error) => {
                format!(
                    "现用密钥不能与新密钥一同签名（{}）；若已丢失，请用 --overlap 0",
                    error.0.zh
                )
            }
            Self::Key(error) => format!("{}。没有任何更改", error.0.zh),
            Self::Store(error) => error.chinese(),
        }
    }
}

impl Bilingual for HookError {
    fn chinese(&self) -> String {
        match self {
            Self::NoClient(name) => format!("接入系统 {name} 已停用或不存在"),
            Self::Feed(error) => error.chinese(),
            Self::Key(error) => error.chinese(),
            Self::Sign(error) => error.chinese(),
            Self::Store(error) => error.chinese(),
        }
    }
}

impl Bilingual for SharingError {
    fn chinese(&self) -> String {
        match self {
            Self::TooMany(seconds) => format!("查询过多，请在 {seconds} 秒后再试"),
            Self::NotPermitted(error) => error.chinese(),
            Self::BadRequest(member) => format!("{member} 不正确"),
            Self::PurposeNotRegistered => "接入系统没有登记这项用途".to_owned(),
            Self::NoGrant => "这类证照没有授权".to_owned(),
            Self::PurposeNotGranted => "授权用于其他用途".to_owned(),
            Self::ItemNotGranted => "授权用于其他事项".to_owned(),
            Self::FieldNotGranted(field) => format!("授权不含数据项 {field:?}"),
            Self::DocumentNotGranted => "授权不含盖章文件".to_owned(),
            Self::ConsentNeeded(fields) => format!("数据项 {fields:?} 须持有人同意"),
            Self::ConsentRefused => "授权码未被接受".to_owned(),
            Self::NotFound => "没有这份证照".to_owned(),
            Self::SelfCheck(_) => "答复未通过本机构自己的核验，没有给出".to_owned(),
            Self::Key(error) => error.chinese(),
            Self::Sign(error) => error.chinese(),
            Self::Store(error) => error.chinese(),
        }
    }
}
