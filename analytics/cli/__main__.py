"""``python -m analytics.cli`` is ``headroom``."""

from analytics.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
