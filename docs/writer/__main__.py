"""Write every document that comes from the code: ``python -m docs.writer``."""

from __future__ import annotations

from docs.writer.written import ROOT, written

for name, text in written().items():
    (ROOT / name).write_text(text, encoding="utf-8", newline="\n")
    print(f"{name}: {len(text.splitlines()):,} lines")
