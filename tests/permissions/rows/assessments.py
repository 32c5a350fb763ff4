"""Quizzes, attempts, grades."""

from tests.permissions.row import row

QUIZ = "assessments/quizzes/{quiz}/"
QUESTION = "assessments/questions/{question}/"
ATTEMPT = "assessments/attempts/{attempt}/"
COURSE = "assessments/courses/{course}/"
GRADE = COURSE + "gradebook/{learner_id}/{quiz}/"
SUM = {
    "kind": "single",
    "prompt": "2 + 2?",
    "choices": [{"text": "4", "is_correct": True}, {"text": "5", "is_correct": False}],
}
NOTHING = {"answers": [{"question_id": "{question}"}]}

#                                                       anon strn lear teac coll staf
ROWS = [
    row("POST", "assessments/quizzes/", "401 403 403 201 404 201", {"lesson_id": "{lesson2}"}),
    row("POST", "assessments/quizzes/", "401 403 403 409 404 409", {"lesson_id": "{lesson}"}),
    row("GET", QUIZ, "401 404 200 200 404 200"),
    row("PATCH", QUIZ, "401 404 404 200 404 200", {"pass_percent": 50}),
    row("DELETE", QUIZ, "401 404 404 204 404 204"),
    row("GET", QUIZ + "questions/", "401 404 404 200 404 200"),
    row("POST", QUIZ + "questions/", "401 404 404 201 404 201", SUM),
    row("POST", QUIZ + "reorder/", "401 404 404 204 404 204", {"question_ids": ["{question}"]}),
    row("GET", QUIZ + "extra-time/", "401 404 404 200 404 200"),
    row("PUT", QUIZ + "extra-time/{learner_id}/", "401 404 404 200 404 200", {"seconds": 60}),
    row("PUT", QUIZ + "extra-time/{teacher_id}/", "401 404 404 403 404 404", {"seconds": 60}),
    row("GET", QUESTION, "401 404 404 200 404 200"),
    row("PATCH", QUESTION, "401 404 404 200 404 200", {"prompt": "3 + 1?"}),
    row("DELETE", QUESTION, "401 404 404 204 404 204"),
    row("GET", QUIZ + "attempts/", "401 200 200 200 200 200"),
    row("POST", QUIZ + "attempts/", "401 404 200 404 404 404"),
    row("GET", ATTEMPT, "401 404 200 200 404 404"),
    row("PATCH", ATTEMPT, "401 404 200 404 404 404", NOTHING),
    row("POST", ATTEMPT + "submit/", "401 404 200 404 404 404"),
    row("GET", COURSE + "quizzes/", "401 404 200 200 404 200"),
    row("GET", COURSE + "grades/", "401 404 200 404 404 404"),
    row("GET", COURSE + "gradebook/", "401 404 404 200 404 200"),
    row("GET", COURSE + "gradebook.csv", "401 404 404 200 404 200"),
    row("PUT", GRADE, "401 404 404 200 404 200", {"score": "80", "reason": "Oral exam"}),
    row("DELETE", GRADE, "401 404 404 404 404 404"),
    row("PUT", COURSE + "gradebook/{stranger_id}/{quiz}/", "401 404 404 404 404 404", {"score": "80", "reason": "x"}),
]
