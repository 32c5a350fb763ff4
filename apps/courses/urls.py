"""Routes under /api/v1/."""

from django.urls import URLPattern, path

from apps.courses.views import courses, outline

urlpatterns: list[URLPattern] = [
    path("courses/", courses.CourseList.as_view()),
    path("courses/teaching/", courses.TeachingList.as_view()),
    path("courses/<uuid:course_id>/", courses.CourseDetail.as_view()),
    path("courses/<uuid:course_id>/publish/", courses.PublishCourse.as_view()),
    path("courses/<uuid:course_id>/archive/", courses.ArchiveCourse.as_view()),
    path("courses/<uuid:course_id>/instructors/", courses.Team.as_view()),
    path("courses/<uuid:course_id>/instructors/<uuid:user_id>/", courses.TeamMember.as_view()),
    path("courses/<uuid:course_id>/outline/", outline.CourseOutline.as_view()),
    path("courses/<uuid:course_id>/reorder/", outline.ReorderCourse.as_view()),
    path("courses/<uuid:course_id>/modules/", outline.ModuleList.as_view()),
    path("courses/modules/<uuid:module_id>/", outline.ModuleDetail.as_view()),
    path("courses/modules/<uuid:module_id>/lessons/", outline.LessonList.as_view()),
    path("courses/lessons/<uuid:lesson_id>/", outline.LessonDetail.as_view()),
    path("categories/", courses.CategoryTree.as_view()),
]
