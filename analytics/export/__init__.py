"""What leaves: the policy, the list of accounts, the manifest, and copies for viewing."""

from analytics.declared.choices import Which
from analytics.export.bundle import Exported, check_folder, export_policy, export_zip, zip_name
from analytics.export.policy_context import Context
from analytics.export.policy_file import (
    load_policy,
    load_stated,
    policy_csv,
    read_policy_csv,
    read_stated,
    save_policy,
)
from analytics.export.verify import verify_export

__all__ = [
    "Context",
    "Exported",
    "Which",
    "check_folder",
    "export_policy",
    "export_zip",
    "load_policy",
    "load_stated",
    "policy_csv",
    "read_policy_csv",
    "read_stated",
    "save_policy",
    "verify_export",
    "zip_name",
]
