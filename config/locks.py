"""The one order in which rows are locked: who takes several locks takes them in it, so nobody waits in a circle.

docs/locks.md is made from it (`python -m scripts.locks_page`), and the statements of every test are held against it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """Tables in the order of their locks, and why they stand here.

    Rows `under` the first of them have no rank: whoever holds the row above takes them at any time, and nobody else.
    """

    tables: tuple[str, ...]
    why: str
    under: tuple[str, ...] = ()


ORDER = (
    Step(("django_session",), "whose request it is comes before what they ask for"),
    Step(("learninghub_scheduledrun", "learninghub_queuedmessage"), "what is due is taken before it is done"),
    Step(("learninghub_outboxmessage",), "the relay's, behind its partition's advisory lock"),
    Step(("learninghub_inboxentry", "learninghub_storedanswer"), "what is done once is noted around all that it does"),
    Step(("users_user", "users_linkrequest"), "what people may do is settled before anything is done for them"),
    Step(("identity_refreshtoken", "identity_session"), "a token is used up before its session goes on"),
    Step(("payments_stripeevent", "payments_eventcursor", "payments_daytotal"), "what Stripe tells, before our orders"),
    Step(("payments_order",), "all that an order brings about happens under its lock", under=("payments_refund",)),
    Step(("content_import",), "who carries out an import does all of it"),
    Step(("content_coursesource",), "one import of a source at a time", under=("content_importedelement",)),
    Step(
        ("courses_course",),
        "whoever writes what hangs on a course holds it first",
        under=("courses_module", "courses_lesson", "courses_courseinstructor", "courses_coursecategory"),
    ),
    Step(("courses_category",), "a course is put on its shelves"),
    Step(("content_lessonbody", "content_resource"), "a lesson stands in its course"),
    Step(
        ("assessments_quiz",),
        "a quiz tells its course whether there is something to pass",
        under=("assessments_question", "assessments_choice"),
    ),
    Step(("assessments_extratime",), "given for a quiz, and then to the attempt under way"),
    Step(("assessments_attempt",), "who closes an attempt grades it", under=("assessments_answer",)),
    Step(("assessments_grade",), "what counts follows from attempts", under=("assessments_override",)),
    Step(("enrollments_enrollment",), "orders and grades end in an enrolment", under=("enrollments_lessonprogress",)),
    Step(("enrollments_seathold",), "a seat that was held becomes the learner's"),
    Step(("enrollments_trackedcourse", "enrollments_trackedlesson"), "all learners of a course meet here"),
    Step(
        ("reviews_ratedcourse",),
        "a review and the ratings that it is part of are one",
        under=("reviews_review", "reviews_reviewreport"),
    ),
    Step(
        ("gamification_player",),
        "what someone earns or spends is theirs first",
        under=("gamification_standing", "gamification_tally", "gamification_redemption"),
    ),
    Step(("gamification_bucket", "gamification_reward"), "all players meet here; buckets by key, in one statement"),
    Step(("certificates", "certificates_certificate"), "the enrolment's advisory lock first: there may be no row yet"),
    Step(("notifications_preference", "notifications_notification", "notifications_mail"), "people are told of it"),
    Step(("media_use",), "what is written names its files at the end"),
    Step(("media_asset",), "who lets go of a file or deletes it", under=("media_rendition",)),
    Step(("media_usage",), "a file counts among its owner's"),
    Step(("file",), "the advisory lock of stored bytes, which have no row"),
    Step(("learninghub_limiteduse",), "a try counts once it is known to be one"),
    Step(("payments_series", "payments_document"), "numbers without a gap are taken when nothing can fail any more"),
    Step(("audit",), "one chain for all, so its advisory lock is the last"),
)
# A fact is numbered under the lock of what it tells of, wherever that stands: it can close no circle of its own.
ANYWHERE = frozenset({"learninghub_aggregateversion"})
