"""What can go wrong where money moves, by name."""

from learninghub.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable


class OrderNotFound(NotFound):
    """There is no such order."""


class DocumentNotFound(NotFound):
    """There is no such invoice or credit note."""


class DocumentNotReady(Unavailable):
    """The file is still being made; ask again in a moment."""

    retry_after = 5


class CheckoutInProgress(Conflict):
    """The checkout is being opened; ask again in a moment."""

    retry_after = 1


class NotSold(Conflict):
    """This course cannot be sold at its price."""


class NotRefundable(Conflict):
    """Nothing of this order can be refunded."""


class OnlyInFull(Forbidden):
    """A learner gives a course back as a whole."""


class RefundTooLate(Conflict):
    """The time in which an order can be given back is over."""


class RefundTooLarge(Conflict):
    """More than what is left of the order cannot be refunded."""


class StripeUnavailable(Unavailable):
    """Payments are out of order for the moment; nothing was charged."""


class BadSignature(Invalid):
    """This was not signed by Stripe just now."""


class StripeRefused(Exception):
    """Stripe will not do this, however often it is asked."""


class StripeDisagrees(Exception):
    """What Stripe says of an order cannot be true by our books: a person has to look."""
