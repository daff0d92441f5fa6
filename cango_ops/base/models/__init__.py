"""Rows of the ground floor."""

from cango_ops.base.models.audit_event import AuditEvent
from cango_ops.base.models.job_run import JobRun
from cango_ops.base.models.lease import Lease
from cango_ops.base.models.user import User

__all__ = ["AuditEvent", "JobRun", "Lease", "User"]
