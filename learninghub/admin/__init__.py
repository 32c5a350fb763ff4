"""Staff's screens: rows to be read and found, and deeds that call an action."""

from learninghub.admin.deeds import Questions, Reason, deed, list_deed
from learninghub.admin.screens import StaffAdmin

__all__ = ["Questions", "Reason", "StaffAdmin", "deed", "list_deed"]
