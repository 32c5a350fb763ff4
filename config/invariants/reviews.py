"""Reviews, and how courses are rated by them."""

from config.invariants.invariant import Invariant

INVARIANTS = (
    Invariant(
        code="RV1",
        promise="A course's ratings are those of the reviews shown.",
        statement="""
            select r.course_id::text, format('%s kept, %s shown', kept.stars, shown.stars)
              from reviews_ratedcourse r
              cross join lateral (
                select array[stars_1, stars_2, stars_3, stars_4, stars_5]::bigint[] as stars
              ) kept
              cross join lateral (
                select array[count(*) filter (where rating = 1), count(*) filter (where rating = 2),
                             count(*) filter (where rating = 3), count(*) filter (where rating = 4),
                             count(*) filter (where rating = 5)] as stars
                  from reviews_review where course_id = r.course_id and withdrawn_at is null and hidden_for = ''
              ) shown
             where kept.stars <> shown.stars""",
    ),
    Invariant(
        code="RV2",
        promise="Who reviews a course has taken it.",
        statement="""
            select v.id::text, 'its author never took the course'
              from reviews_review v
             where not exists (select from enrollments_enrollment e
                                where e.course_id = v.course_id and e.user_id = v.author_id)""",
    ),
    Invariant(
        code="RV3",
        promise="The catalogue shows a course's rating, five minutes after the last of its reviews changed.",
        statement="""
            select c.id::text, format('%s stars of %s reviews in the catalogue, %s of %s given',
                                      c.rating_sum, c.rating_count, given.stars, given.reviews)
              from reviews_ratedcourse r
              join courses_course c on c.id = r.course_id
              cross join lateral (
                select stars_1 + 2 * stars_2 + 3 * stars_3 + 4 * stars_4 + 5 * stars_5 as stars,
                       stars_1 + stars_2 + stars_3 + stars_4 + stars_5 as reviews
              ) given
             where (c.rating_sum, c.rating_count) <> (given.stars, given.reviews)
               and not exists (select from reviews_review v join reviews_reviewchange h on h.review_id = v.id
                                where v.course_id = r.course_id and h.created_at > now() - interval '5 min')""",
    ),
)
