"""Prints the size of the code: median and longest function, broad excepts. Run by `make check`."""

import ast
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("chartkeeper", "webui", "ingest", "filing", "index", "ocr", "records", "samples")
LONGEST_ALLOWED_LINES = 60
BROAD_ALLOWED = 1
BROAD = {"Exception", "BaseException"}


def is_broad(node: ast.AST) -> bool:
    if not isinstance(node, ast.ExceptHandler):
        return False
    return node.type is None or getattr(node.type, "id", "") in BROAD


def main() -> int:
    lengths, broad = [], []
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        if "versions" in path.parts:
            continue
        where = path.relative_to(ROOT)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                lengths.append((size, f"{where}:{node.lineno} {node.name}"))
            if is_broad(node):
                broad.append(f"{where}:{node.lineno}")
    longest = max(lengths)
    print(f"functions: {len(lengths)}")
    print(f"median function: {statistics.median(size for size, _ in lengths):g} lines")
    print(f"longest function: {longest[0]} lines ({longest[1]})")
    print(f"broad excepts: {len(broad)} {' '.join(broad)}")
    return int(longest[0] > LONGEST_ALLOWED_LINES or len(broad) > BROAD_ALLOWED)


if __name__ == "__main__":
    sys.exit(main())
