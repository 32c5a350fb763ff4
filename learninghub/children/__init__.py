"""Processes beside this one that read what people sent: no secrets, a cap on memory and time, ended when they hang."""

from learninghub.children.near import Away, Child, Ended, Failed

__all__ = ["Away", "Child", "Ended", "Failed"]
