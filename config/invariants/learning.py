"""Enrolments, progress, attempts, grades, certificates."""

from config.invariants.invariant import Invariant

INVARIANTS = (
    Invariant(
        code="E1",
        promise="A course's taken seats, completions and progress are those of its learners.",
        statement="""
            select t.course_id::text,
                   format('taken %s of %s, completed %s of %s, percent %s of %s',
                          t.taken, coalesce(e.taken, 0), t.completed, coalesce(e.completed, 0),
                          t.percent_sum, coalesce(e.percents, 0))
              from enrollments_trackedcourse t
              left join (select course_id, count(*) as taken, sum(percent) as percents,
                                count(*) filter (where completed_at is not null) as completed
                           from enrollments_enrollment where state in ('active', 'completed') group by course_id
                        ) e using (course_id)
             where (t.taken, t.completed, t.percent_sum)
                   <> (coalesce(e.taken, 0), coalesce(e.completed, 0), coalesce(e.percents, 0))""",
    ),
    Invariant(
        code="E2",
        promise="The catalogue counts the learners a course has, five minutes after the last of them came or went.",
        statement="""
            select c.id::text, format('%s learners in the catalogue, %s enrolled', c.learners, coalesce(e.open, 0))
              from courses_course c
              left join (select course_id, max(updated_at) as moved,
                                count(*) filter (where state in ('active', 'completed')) as open
                           from enrollments_enrollment group by course_id) e on e.course_id = c.id
             where c.learners <> coalesce(e.open, 0) and coalesce(e.moved, c.created_at) < now() - interval '5 min'""",
    ),
    Invariant(
        code="P1",
        promise="An enrolment counts the required lessons that its learner completed.",
        statement="""
            select e.id::text, format('%s counted, %s completed', e.completed_lessons, count(l.lesson_id))
              from enrollments_enrollment e
              join enrollments_trackedcourse t on t.course_id = e.course_id
                   and t.required_version = e.required_version
              left join enrollments_lessonprogress p on p.enrollment_id = e.id and p.completed_at is not null
              left join enrollments_trackedlesson l
                     on l.lesson_id = p.lesson_id and l.course_id = e.course_id and l.is_required and not l.is_removed
             where e.state = 'active'
             group by e.id having count(l.lesson_id) <> e.completed_lessons""",
    ),
    Invariant(
        code="P2",
        promise="Who completed a course has everything that was required, and it was told once.",
        statement="""
            select e.id::text, format('%s of %s lessons, told %s times', e.completed_lessons, e.required_lessons, told)
              from enrollments_enrollment e
              cross join lateral (select count(*) as told from learninghub_outboxmessage o
                                   where o.name = 'enrollments.course_completed.v1'
                                     and o.aggregate_type = 'enrollments.enrollment_id'
                                     and o.aggregate_id = e.id::text) facts
             where e.completed_at > now() - interval '6 days'  -- facts are forgotten after seven
               and (told <> 1 or e.completed_lessons <> e.required_lessons)""",
    ),
    Invariant(
        code="C1",
        promise="A certificate that holds is of a completed course, and a completed course has its certificate.",
        statement="""
            select coalesce(c.id, e.id)::text,
                   case when c.id is null then 'completed without a certificate'
                        when c.state = 'waiting' then 'without its file for a quarter of an hour'
                        else 'a certificate of a course that was not completed' end
              from enrollments_enrollment e
              full join certificates_certificate c on c.enrollment_id = e.id
             where (c.id is null and e.state = 'completed' and e.completed_at < now() - interval '15 min')
                or (c.revoked_at is null and c.id is not null and e.completed_at is null)
                or (c.state = 'waiting' and c.created_at < now() - interval '15 min')""",
    ),
    Invariant(
        code="A1",
        promise="Attempts are counted, and none is open a quarter of an hour after its deadline.",
        statement="""
            select a.quiz_id || ' ' || a.user_id,
                   format('%s attempts, numbered to %s, counted %s; %s open past the deadline',
                          count(*), max(a.number), g.attempts, count(*) filter (where a.state = 'open'
                          and a.deadline_at < now() - interval '15 min'))
              from assessments_attempt a
              left join assessments_grade g on g.quiz_id = a.quiz_id and g.user_id = a.user_id
             group by a.quiz_id, a.user_id, g.attempts
            having g.attempts is distinct from count(*) or max(a.number) <> count(*)
                or bool_or(a.state = 'open' and a.deadline_at < now() - interval '15 min')""",
    ),
    Invariant(
        code="A2",
        promise="An attempt's points are the sum of its answers' points.",
        statement="""
            select a.id::text, format('%s points, %s in its answers', a.points, coalesce(sum(w.points), 0))
              from assessments_attempt a left join assessments_answer w on w.attempt_id = a.id
             where a.points is not null
             group by a.id having coalesce(sum(w.points), 0) <> a.points""",
    ),
    Invariant(
        code="A3",
        promise="A grade is the score of the attempts that its quiz keeps.",
        statement="""
            select g.quiz_id || ' ' || g.user_id, format('%s instead of %s', g.score, kept.score)
              from assessments_grade g
              join assessments_quiz q on q.id = g.quiz_id and q.removed_at is null
              cross join lateral (
                select case q.keep when 'best' then max(a.score)
                                   when 'last' then (array_agg(a.score order by a.number desc))[1] end as score
                  from assessments_attempt a
                 where a.quiz_id = g.quiz_id and a.user_id = g.user_id and a.score is not null) kept
             where q.keep in ('best', 'last') and g.score is distinct from kept.score""",
    ),
)
