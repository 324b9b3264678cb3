"""Makes the matrix of certificates in this folder: one file for each case, with what is expected.

    target/peers/venv/bin/python tests/data/paths/make.py

The keys live as long as the script. `tests/paths.rs` reads the files and says what each field is.
"""

import pathlib

import certificates
import constraints
import searching
import statements
from parts import CASES

HERE = pathlib.Path(__file__).parent

for make in [
    certificates.dates,
    certificates.authorities,
    certificates.leaves,
    certificates.extensions,
    certificates.algorithms,
    constraints.names,
    constraints.policy,
    searching.searching,
    searching.anchors,
    statements.lists,
    statements.points,
    statements.stamps,
    statements.answers,
]:
    make()
for old in HERE.glob("*.toml"):
    old.unlink()
for title, text in CASES.items():
    (HERE / f"{title}.toml").write_text(text)
print(len(CASES), "cases")
