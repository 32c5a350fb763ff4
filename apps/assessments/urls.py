"""Routes under /api/v1/."""

from django.urls import path

from apps.assessments.views import authoring, grades, taking

urlpatterns = [
    path("assessments/quizzes/", authoring.QuizList.as_view()),
    path("assessments/quizzes/<uuid:quiz_id>/", authoring.QuizDetail.as_view()),
    path("assessments/quizzes/<uuid:quiz_id>/questions/", authoring.QuestionList.as_view()),
    path("assessments/quizzes/<uuid:quiz_id>/reorder/", authoring.QuestionOrder.as_view()),
    path("assessments/quizzes/<uuid:quiz_id>/extra-time/", authoring.ExtraTimeList.as_view()),
    path("assessments/quizzes/<uuid:quiz_id>/extra-time/<uuid:user_id>/", authoring.LearnerExtraTime.as_view()),
    path("assessments/quizzes/<uuid:quiz_id>/attempts/", taking.AttemptList.as_view()),
    path("assessments/questions/<uuid:question_id>/", authoring.QuestionDetail.as_view()),
    path("assessments/attempts/<uuid:attempt_id>/", taking.AttemptDetail.as_view()),
    path("assessments/attempts/<uuid:attempt_id>/submit/", taking.Submission.as_view()),
    path("assessments/courses/<uuid:course_id>/quizzes/", authoring.CourseQuizzes.as_view()),
    path("assessments/courses/<uuid:course_id>/grades/", grades.OwnGrades.as_view()),
    path("assessments/courses/<uuid:course_id>/gradebook/", grades.Gradebook.as_view()),
    path("assessments/courses/<uuid:course_id>/gradebook.csv", grades.GradebookFile.as_view()),
    path("assessments/courses/<uuid:course_id>/gradebook/<uuid:user_id>/<uuid:quiz_id>/", grades.GradeDetail.as_view()),
]
