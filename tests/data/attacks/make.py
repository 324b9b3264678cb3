"""Makes the attack files, their harmless controls, and expected.toml.

    target/peers/venv/bin/python tests/data/attacks/make.py

Wants what tests/peers/setup installs and `cargo build` (the demo office makes the sealed licence).
Every run makes new keys and forgets them, so all files change together.
"""
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import cases  # noqa: E402
import kit  # noqa: E402


def main():
    for old in [*HERE.glob("*.pdf"), *HERE.glob("*.sd-jwt"), *HERE.glob("*.jwt"), *HERE.glob("*.crl"), *HERE.glob("*.pem")]:
        old.unlink()
    (HERE / "root.pem").write_text(cases.PKI.root.pem)
    (HERE / "issuing.crl").write_bytes(kit.crl(cases.PKI.ca, at="2026-05-31", until="2036-01-01"))
    (HERE / "root.crl").write_bytes(kit.crl(cases.PKI.root, at="2026-05-31", until="2036-01-01"))
    import certificates
    import forgery
    import forms
    import messages
    import ours
    import resources
    import structure
    import updates

    for part in (ours, forgery, structure, updates, forms, messages, certificates, resources):
        part.run()
    order = sorted(cases.CASES, key=lambda case: (case["family"], case["kind"], case["file"]))
    (HERE / "expected.toml").write_text(kit.toml({}, [("case", order)]).lstrip())
    size = sum((HERE / case["file"]).stat().st_size for case in order)
    attacks = sum(case["kind"] == "attack" for case in order)
    print(attacks, "attacks,", len(order) - attacks, "controls,", size, "bytes")


if __name__ == "__main__":
    main()
