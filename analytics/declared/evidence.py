"""How far the evidence reaches: which raises the studies behind the response have looked at."""

from __future__ import annotations

EVIDENCE_RAISE = 0.30
"""The largest raise within the evidence (METHOD 4): studies cover raises of 10 to 30 %."""
