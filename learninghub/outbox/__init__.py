"""Facts and jobs leave the database's transaction through these tables, and only so."""

from learninghub.outbox.publishing import publish, publish_all, publish_job

__all__ = ["publish", "publish_all", "publish_job"]
