//! Why a request of the operator was refused, in both languages, where the operator can do something
//! about it. Of damaged disks and the like there is the English of the layer that noticed it.

use crate::base::localized::Localized;
use crate::domain::licence::proposal::NotPossible;
use crate::service::issue_command::IssueError;
use crate::service::office::Office;
use crate::service::standing::StandingError;

pub(super) fn of_issue(error: &IssueError) -> Localized {
    let zh = match error {
        IssueError::UnknownType(kind) => {
            format!("没有证照类型 {kind:?}；`yinzheng types` 列出全部类型")
        }
        IssueError::NoDepartment(kind) => {
            format!("本机构没有部门可以签发 {kind:?}；请在 office.toml 中把该类型写入某个部门")
        }
        IssueError::Faults(faults) => format!("申请有 {} 处错误", faults.len()),
        IssueError::Proposal(error) => return of_proposal(error),
        IssueError::TypeChanged => "证照类型的定义已更改，请修改待批件以重新检查".to_owned(),
        IssueError::ClockWentBack { now, last } => format!(
            "时钟为 {now}，但最后一个事件在 {last}：不再签发。请校准时钟，或用 `yinzheng recover \
             --accept-clock` 确认"
        ),
        IssueError::NumbersUsedUp(kind) => {
            format!("{kind:?} 的编号已用完；请给该类型更长的 {{serial:N}}")
        }
        _ => error.to_string(),
    };
    Localized::new(zh, error.to_string())
}

pub(super) fn of_standing(office: &Office, error: &StandingError) -> Localized {
    let message = standing_words(error);
    match error {
        StandingError::NotFound(_) => office.with_lost_records(message),
        _ => message,
    }
}

fn standing_words(error: &StandingError) -> Localized {
    let zh = match error {
        StandingError::NotFound(id) => format!("没有证照 {id}"),
        StandingError::Ambiguous(number) => {
            format!("有几类证照的编号都是 {number}，请写证照标识")
        }
        StandingError::NotAllowed(error) => {
            format!("证照现在的状态是 {}，不能这样更改", error.from)
        }
        _ => error.to_string(),
    };
    Localized::new(zh, error.to_string())
}

pub(super) fn of_proposal(error: &NotPossible) -> Localized {
    let zh = match error {
        NotPossible::Closed(state) => format!("待批件已办结（{state}）"),
        NotPossible::OwnWork => "不能批准自己提交或最后修改的待批件，请由另一人批准".to_owned(),
        NotPossible::Nameless => {
            "待批件是在本机未写明姓名提交的，无法确认批准人是另一人：请由接入系统批准，\
             或退回后用 --as NAME 重新提交"
                .to_owned()
        }
        NotPossible::OtherDigest => "摘要与待批件现在的内容不符，请重新查看".to_owned(),
    };
    Localized::new(zh, error.to_string())
}
