//! The schema of `office.toml`, for editors with completion and validation. A test compares its
//! keys with those that the program reads.

use serde_json::{Value, json};

use super::parts::{Closed, USCC, line, list_of, pattern, titled};

/// The schema of `office.toml`.
pub fn office() -> Value {
    let mut top = Closed::default();
    top.required(
        "name",
        described(words(), "公众在每页顶部看到的名称", "What the public reads on every page"),
    );
    let loopback = r"http://(127\.0\.0\.1|localhost|\[::1\])";
    let address = format!("^(https://.*[^/]|{loopback}([:/].*[^/])?)$");
    top.required(
        "public_base_url",
        described(
            json!({ "type": "string", "pattern": address, "maxLength": 108 }),
            "永久不变的唯一地址，印在每份证照上；末尾不带斜杠",
            "The one permanent address, printed on every licence; no slash at the end",
        ),
    );
    top.optional(
        "second_path",
        described(
            pattern("^/"),
            "另一块磁盘上的绝对路径，用来存放高水位标记",
            "An absolute path on another disk for the high-water mark",
        ),
    );
    top.optional(
        "queries_a_minute",
        described(
            count(),
            "每个部门客户端每分钟可查询的次数，默认 6000",
            "Queries of each client in a minute; 6000 unless it says otherwise",
        ),
    );
    top.optional(
        "misses_an_hour",
        described(
            count(),
            "每个部门客户端每小时允许的查无次数，默认 300",
            "How many of these may find nothing in an hour; 300 unless it says otherwise",
        ),
    );
    top.optional(
        "allow_private_destinations",
        described(
            list_of(pattern(r"^[^\s/@]+:[0-9]{1,5}$")),
            "允许推送到内网的接收方，写作 host:port",
            "Receivers inside private networks that changes may be sent to, as host:port",
        ),
    );
    top.optional(
        "accept_listed_codes",
        described(
            list_of(pattern(USCC)),
            "校验码与标准不符、但登记机关确认无误而予以接受的统一社会信用代码，逐个列出",
            "Codes of holders to accept although their check characters are wrong, one by one",
        ),
    );
    top.optional(
        "oid_arc",
        described(
            pattern(r"^[0-2]\.([0-9]|[123][0-9])(\.(0|[1-9][0-9]{0,9})){2,}$"),
            "本机构自有的对象标识符（OID）前缀，各段小于 2147483648；没有则使用示例前缀",
            "The office's own arc of object identifiers, numbers below 2147483648; without one, that for examples",
        ),
    );
    let mut log = Closed::default();
    log.optional(
        "witnesses",
        described(
            list_of(pattern(r"^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$")),
            "见证方的验签公钥（由 yinzheng log witness 打印）",
            "Keys of witnesses, as `yinzheng log witness` prints them",
        ),
    );
    top.optional("log", log.into_schema());
    let mut departments = list_of(department());
    departments["minItems"] = 1.into();
    top.required("departments", departments);
    titled(top.into_schema(), "机构配置 office.toml / Configuration of an office".to_owned())
}

fn department() -> Value {
    let slug = || pattern("^[a-z0-9-]{1,32}$");
    let mut department = Closed::default();
    department
        .required("slug", described(slug(), "部门代号，以后不能更改", "Short name; never changed"));
    department.required(
        "uscc",
        described(pattern(USCC), "统一社会信用代码", "Unified social credit code"),
    );
    department.required("name", described(words(), "部门名称", "Name of the department"));
    let mut types = list_of(json!({ "type": "string" }));
    types["minItems"] = 1.into();
    department
        .required("types", described(types, "本部门可签发的证照类型", "Types that it may issue"));
    department.optional(
        "four_eyes",
        described(
            list_of(json!({ "type": "string" })),
            "其中须由第二人审批的类型",
            "Those of its types that a second person must approve",
        ),
    );
    let mut seal = Closed::default();
    seal.required("name", described(line(30), "印章上的名称", "The name on the seal"));
    seal.optional("number", described(pattern("^[0-9]{1,13}$"), "印章编码", "Number of the seal"));
    let diameter = json!({ "type": "integer", "minimum": 38, "maximum": 45 });
    seal.optional(
        "diameter_mm",
        described(
            diameter,
            "直径（毫米），默认 42",
            "Diameter in millimetres, 42 unless it says otherwise",
        ),
    );
    department.required("seal", seal.into_schema());
    department.into_schema()
}

fn words() -> Value {
    let mut words = Closed::default();
    words.required("zh", line(80));
    words.required("en", line(80));
    words.into_schema()
}

fn count() -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": u32::MAX })
}

fn described(mut schema: Value, zh: &str, en: &str) -> Value {
    schema["description"] = format!("{zh} / {en}").into();
    schema
}
