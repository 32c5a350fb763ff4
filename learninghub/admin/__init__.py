"""Staff's screens: rows to be read and found, and deeds that call an action."""

from learninghub.admin.columns import money, table
from learninghub.admin.deeds import FROM, Questions, Reason, deed, list_deed
from learninghub.admin.screens import Finder, StaffAdmin

__all__ = ["FROM", "Finder", "Questions", "Reason", "StaffAdmin", "deed", "list_deed", "money", "table"]
