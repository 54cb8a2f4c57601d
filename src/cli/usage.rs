use clap::error::{Error, ErrorKind};

/// What is wrong with the arguments, in Chinese: the parser explains it in
/// English only. `None` for help and version, which are no errors.
pub(super) fn in_chinese(error: &Error) -> Option<&'static str> {
    Some(match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => return None,
        ErrorKind::MissingRequiredArgument => "缺少必须给出的参数",
        ErrorKind::MissingSubcommand => "缺少命令",
        ErrorKind::InvalidSubcommand => "没有这个命令",
        ErrorKind::UnknownArgument => "没有这个选项或参数",
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => "取值不在允许之列",
        ErrorKind::ArgumentConflict => "这些选项不能同时使用",
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => "取值的个数不对",
        ErrorKind::NoEquals => "取值前须有等号",
        ErrorKind::InvalidUtf8 => "参数不是合法的 UTF-8",
        _ => "命令写法不对",
    })
}
