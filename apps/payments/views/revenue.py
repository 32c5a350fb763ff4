"""The route of revenue."""

from rest_framework.request import Request
from rest_framework.response import Response

from apps.courses import api as courses
from apps.payments.permissions import SeesRevenue
from apps.payments.queries import revenue
from apps.payments.serializers.revenue import RevenueDaysOut, RevenueQuery
from apps.users.types import Role
from learninghub.http.openapi import operation
from learninghub.http.views import View


class RevenueDays(View):
    rules = {"GET": SeesRevenue}

    @operation(
        summary="What my courses bring in by day and currency; for staff, what all courses do",
        query=RevenueQuery,
        response=RevenueDaysOut,
    )
    def get(self, request: Request) -> Response:
        asked = self.query(RevenueQuery)
        chosen = {asked.pop("course_id")} if "course_id" in asked else None
        if Role.STAFF not in self.caller.roles:
            taught = set(courses.list_taught(user_id=self.caller.id))
            chosen = taught if chosen is None else chosen & taught
        days = revenue.list_days(**asked, course_ids=chosen)
        return Response(RevenueDaysOut({"days": days}).data)
