"""Rules of the house that a reader would otherwise have to remember. STYLE.md gives their reasons."""

import ast
import json
import re
import subprocess

import pytest

from tests.conftest import LONG
from tests.tidy.source import PACKAGE, ROOT, domain_of, functions, imports, place, python_files, tree_of
from wufu.core import refusals
from wufu.main import LAWS

LONGEST_FILE = 500
LONGEST_FUNCTION = 70
BANNED_ENDINGS = ("Service", "Manager", "Helper", "Util", "Utils")
CLOCK = {*(("datetime", ask) for ask in ("now", "utcnow", "today")), ("date", "today"), ("time", "time")}
TICKING = re.compile(
    r"\b(now|clock_timestamp|statement_timestamp)\s*\(|\bcurrent_(timestamp|date|time)\b", re.IGNORECASE
)
CHANCE = {"random", "secrets", "uuid1", "uuid4", "urandom", "getrandbits"}
DRAWN = {("os", "urandom"), ("uuid", "uuid4"), ("uuid", "uuid1")}
# Jitter between two tries of a transaction decides nothing that anybody sees.
MAY_USE_CHANCE = {"wufu/core/chance.py", "wufu/db/database.py"}
INFRASTRUCTURE = {"core", "db", "edge"}


def test_no_file_is_longer_than_can_be_read_in_one_sitting() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in python_files("wufu", "tests", "bench", "tools")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert not long


def test_the_files_that_are_run_first_are_there() -> None:
    assert [name for name in LONG if not (ROOT / name).is_file()] == []


def test_no_function_is_longer_than_a_page() -> None:
    long = {
        place(path, node): (node.end_lineno or 0) - node.lineno + 1
        for path in python_files("wufu", "tests", "bench", "tools")
        for node in functions(path)
        if (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    }
    assert not long


def test_no_class_is_named_after_nothing() -> None:
    found = [
        place(path, node)
        for path in python_files("wufu")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef) and node.name.endswith(BANNED_ENDINGS)
    ]
    assert not found


def test_imports_stand_at_the_top_and_mean_it() -> None:
    found = []
    for path in python_files("wufu", "bench"):
        top = set(map(id, tree_of(path).body))
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in top:
                found.append(place(path, node))
            if isinstance(node, ast.Name | ast.Attribute) and "TYPE_CHECKING" in ast.dump(node):
                found.append(place(path, node))
    assert not found


def _attribute(node: ast.AST) -> tuple[str, str] | None:
    """`os.urandom` as ("os", "urandom"); None for anything else."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.value.id, node.attr
    return None


def test_only_core_reads_the_clock() -> None:
    found = []
    for path in python_files("wufu"):
        if path == PACKAGE / "core" / "clock.py":
            continue
        found += [place(path, node) for node in ast.walk(tree_of(path)) if _attribute(node) in CLOCK]
    assert not found


def test_no_sql_reads_the_clock() -> None:
    found = [
        place(path, node)
        for path in python_files("wufu")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.search(r"\b(SELECT|INSERT|UPDATE|DELETE)\b", node.value)
        and TICKING.search(node.value)
    ]
    assert not found


def test_only_core_draws_chance() -> None:
    found = []
    for path in python_files("wufu"):
        if str(path.relative_to(ROOT)) in MAY_USE_CHANCE:
            continue
        for node, module in imports(path):
            names = {alias.name for alias in node.names}
            if module in {"random", "secrets"} or (names & CHANCE and module in {"os", "uuid"}):
                found.append(place(path, node))
        found += [place(path, node) for node in ast.walk(tree_of(path)) if _attribute(node) in DRAWN]
    assert not found


def test_a_domain_is_imported_by_its_front_door() -> None:
    """From another domain import `wufu.ledger`, never `wufu.ledger.store`."""
    found = []
    for path in python_files("wufu", "bench"):
        own = domain_of(path) if path.is_relative_to(PACKAGE) else "bench"
        for node, module in imports(path):
            parts = module.split(".")
            if parts[0] != "wufu" or len(parts) < 3 or parts[1] in INFRASTRUCTURE:
                continue
            if parts[1] != own and not (PACKAGE / f"{parts[1]}.py").exists():
                found.append(f"{place(path, node)} imports {module}")
    assert not found


def test_every_front_door_says_what_it_offers() -> None:
    for path in sorted(PACKAGE.glob("*/__init__.py")):
        if domain_of(path) == "core":
            continue
        names = {
            target.id
            for node in tree_of(path).body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        assert "__all__" in names, path
        assert ast.get_docstring(tree_of(path)), path


def test_only_the_owner_names_its_tables() -> None:
    """SQL over a domain's tables stands in that domain's store, audit and personal, nowhere else."""
    owner: dict[str, str] = {}
    for file in sorted((ROOT / "schema" / "migrations").glob("*.sql")):
        domain = file.stem.split("_", 1)[1]
        for table in re.findall(r"CREATE (?:UNLOGGED )?TABLE (\w+)", file.read_text(encoding="utf-8")):
            owner[table] = domain
    assert {"account", "transfer", "person", "tie", "campaign", "outbox"} <= owner.keys()
    named = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+(\w+)")
    found = []
    for path in python_files("wufu"):
        where = domain_of(path)
        is_store = where == "db" or path.name == "personal.py" or "store" in str(path.relative_to(ROOT))
        is_audit = path.name == "audit.py"
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                continue
            if not re.search(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM)\b", node.value):
                continue
            for table in named.findall(node.value):
                if table not in owner:
                    continue
                if not is_audit and (owner[table] != where or not is_store):
                    found.append(f"{place(path, node)} names {table} of {owner[table]}")
    assert not found


def test_every_refusal_has_words_in_both_languages() -> None:
    words = json.loads((ROOT / "app" / "phone" / "src" / "shared" / "refusals.json").read_text("utf-8"))
    wordless = [code for code in refusals.ALL if set(words.get(code, {})) < {"zh", "en"}]
    assert not wordless
    # The page has two cases of its own: no server, and a code it does not know.
    assert not set(words) - refusals.ALL.keys() - {"unreachable", "other"}
    assert all(text.strip() for languages in words.values() for text in languages.values())


def test_laws_have_names_of_their_own() -> None:
    names = [law.name for law in LAWS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "pattern",
    [
        r"/work/\w",
        r"/root/\w",
        r"\bTODO\b|\bFIXME\b|\bXXX\b",
        r"pypi\.org|pythonhosted|registry\.npmjs|deb\.debian",
    ],
)
def test_nothing_in_the_tree_speaks_of_elsewhere(pattern: str) -> None:
    """No machine paths, no registry hosts, nothing left for later."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = []
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if name == "tests/tidy/test_source.py" or not path.is_file():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [name for line in text.splitlines() if re.search(pattern, line)]
    assert not found


def test_links_in_the_docs_lead_somewhere() -> None:
    broken = []
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8"))
        broken += [
            f"{path.relative_to(ROOT)} → {target}"
            for target in targets
            if "://" not in target and not (path.parent / target).exists()
        ]
    assert not broken
