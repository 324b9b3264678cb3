"""Expectations as TOML."""


def toml_value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(toml_value(one) for one in value) + "]"
    if isinstance(value, int):
        return str(value)
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def toml(entries, tables=()):
    lines = [f"{key} = {toml_value(value)}" for key, value in entries.items()]
    for title, rows in tables:
        for row in rows:
            lines += ["", f"[[{title}]]"] + [f"{key} = {toml_value(value)}" for key, value in row.items()]
    return "\n".join(lines) + "\n"
