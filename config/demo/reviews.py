"""What the demo's learners say of the first course they took, and what its instructor answers."""

REVIEWS = (
    (5, "Short lessons, and each one can be put to use the same evening. I came for one and stayed for three."),
    (4, "Clear and friendly. I wish there were more exercises towards the end."),
    (4, "Everything is where one looks for it, also on a slow line."),
)
ANSWER = "Thank you! More exercises are on their way; the quiz at the end has grown already."
ANSWERED = 1
